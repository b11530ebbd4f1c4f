module far-network

go 1.24
