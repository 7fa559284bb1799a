using SkTuning.Bench;

return args.FirstOrDefault() switch
{
    "tokenizers" => TokenizersBench.Run(args[1..]),
    "load" => LoadBench.Run(args[1..]),
    "quantized-1b" => QuantizedBench.Run(args[1..]),
    _ => Usage(),
};

static int Usage()
{
    Console.WriteLine("Usage: SkTuning.Bench tokenizers [folder of shared files]");
    Console.WriteLine("       SkTuning.Bench load --model PATH [--precision Float32|BFloat16] [--keep-quantized] [--rounds N]");
    Console.WriteLine("       SkTuning.Bench quantized-1b [--rounds N]");
    return 1;
}
