"""The board's HTTP service: routes, streams and problems over `blackboard.board`."""
