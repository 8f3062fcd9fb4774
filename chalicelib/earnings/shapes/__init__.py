"""What the API says of earnings: amounts are whole micros, or whole minor units where money moves."""
