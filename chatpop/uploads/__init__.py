"""Files people bring: receiving, inspecting, storing and serving them."""
