"""What a magazine of a hundred million readers costs: measured units, a stated model, and list prices."""
