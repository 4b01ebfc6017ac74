"""The crash test: the daemon killed, paused, without disk, clock or helpdesk; nothing may be lost or repeated."""
