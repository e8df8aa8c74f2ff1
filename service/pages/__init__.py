"""The staff pages: server-rendered, Swedish and English, complete without JavaScript."""
