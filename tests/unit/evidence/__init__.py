"""Proofs of the evidence package: signatures, keys, the ledger, records and exports."""
