"""The web console.  Declares the ports it needs; knows nothing of telephony or storage."""
