"""What a person can type after `pincite`: one file for each kind of command."""
