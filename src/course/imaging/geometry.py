"""Points, matrices and warps, each warp with its exact adjoint."""
