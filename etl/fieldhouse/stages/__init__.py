"""The stages: what one task does. They meet in the lake, never in each other; each leaves a receipt."""
