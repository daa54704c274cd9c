"""Taking in other people's files: tables, collected inventories, Ansible's; nothing of them is trusted or guessed."""
