"""How far apart two pictures are: MSE, PSNR and SSIM."""
