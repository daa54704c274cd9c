"""The register: what there is, where it is, who has it, what was bought; every change of it is kept."""
