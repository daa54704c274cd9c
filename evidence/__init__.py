"""Evidence of work: the append-only ledger, signed records, and the competencies they count toward."""
