"""How fast Careline is and what it takes, each figure beside a peer or a limit of the same run."""
