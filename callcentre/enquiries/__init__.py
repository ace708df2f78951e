"""What the menus ask and have kept: who calls, dockets, ration cards, messages, judgements, texts."""
