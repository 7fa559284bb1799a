using SkTuning.Bench;

return args.FirstOrDefault() switch
{
    "tokenizers" => TokenizersBench.Run(args[1..]),
    _ => Usage(),
};

static int Usage()
{
    Console.WriteLine("Usage: SkTuning.Bench tokenizers [folder of shared files]");
    return 1;
}
