"""Mail in and out: the front door, reading, composing, sending."""
