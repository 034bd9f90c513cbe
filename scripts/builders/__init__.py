"""How each committed table is made from its inputs."""
