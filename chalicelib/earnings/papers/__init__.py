"""What partners and members are shown: statements, files of lines, prints, and where one's dues went."""
