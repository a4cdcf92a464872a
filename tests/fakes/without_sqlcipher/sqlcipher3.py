"""Found first, it stands for a system that SQLCipher has no wheel for."""

raise ImportError("a test hides it")
