"""Two finished results side by side: what differs in what went in, and who came and who went."""
