"""Everything that touches the world outside: files, network, database, service manager."""
