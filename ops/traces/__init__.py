"""Where somebody who left is still named: one small file for each place to look, found by path."""
