"""The ACD core: decides which waiting call goes to which agent.  Pure: no I/O, no clock, no chance."""
