"""The Functions host's side: parse, call one service, reply."""
