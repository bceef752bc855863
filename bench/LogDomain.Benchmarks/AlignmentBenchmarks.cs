using BenchmarkDotNet.Attributes;
using LogDomain.Sequences;

namespace LogDomain.Benchmarks;

/// <summary>CTC on the shapes of the comparison with torch, beam search, and sums over alignments; threads share the sequences of a batch.</summary>
public class AlignmentBenchmarks
{
    private readonly Dictionary<(int, int, int, int), (float[] Logits, int[] Targets, int[] Frames, int[] Lengths, float[] Losses, float[] Gradient)> _batches = [];
    private readonly string[] _haplotypes = new string[128];
    private readonly byte[] _qualities = new byte[250];
    private readonly double[] _likelihoods = new double[128];
    private float[] _emissions = [];
    private string _first = "";
    private string _second = "";

    /// <summary>Threads for CTC and reads; the others have one.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>Makes the inputs.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        Random random = new(1);
        _emissions = Numbers(random, 1000 * 5000);
        for (int t = 0; t < 1000; t++)
        {
            _emissions[(t * 5000) + (t % 4 == 0 ? 1 + random.Next(4999) : 0)] += 12;   // peaks, as a trained model has them
        }

        foreach ((int t, int n, int c, int s) in ((int, int, int, int)[])[(150, 16, 29, 50), (500, 32, 32, 100), (1000, 16, 5000, 200)])
        {
            int[] targets = [.. Enumerable.Range(0, n * s).Select(_ => 1 + random.Next(c - 1))];
            _batches[(t, n, c, s)] = (Numbers(random, t * n * c), targets, [.. Enumerable.Repeat(t, n)], [.. Enumerable.Repeat(s, n)], new float[n], new float[t * n * c]);
        }

        _first = Bases(random, 2000);
        _second = Bases(random, 2000);
        Array.Fill(_haplotypes, _first[..400]);
        Array.Fill(_qualities, (byte)30);
    }

    /// <summary>150 frames, 16 sequences, 29 classes, targets of 50: loss and gradient by logits.</summary>
    [Benchmark]
    public void CtcShort() => Run(150, 16, 29, 50);

    /// <summary>500 frames, 32 sequences, 32 classes, targets of 100.</summary>
    [Benchmark]
    public void CtcMiddle() => Run(500, 32, 32, 100);

    /// <summary>1,000 frames, 16 sequences, 5,000 classes, targets of 200.</summary>
    [Benchmark]
    public void CtcLong() => Run(1000, 16, 5000, 200);

    /// <summary>1,000 frames of 5,000 tokens, beam 100.</summary>
    [Benchmark]
    public int Beam() => Ctc.BeamSearch<float>(_emissions, 5000).Count;

    /// <summary>A read of 250 bases and 128 haplotypes of 400: 12.8 million cells.</summary>
    [Benchmark]
    public void Reads() => ReadLikelihood.LogLikelihood(_first.Substring(20, 250), _qualities, [45], [45], [10], _haplotypes, _likelihoods, Threads);

    /// <summary>Two sequences of 2,000: 4 million cells.</summary>
    [Benchmark]
    public double Pair() => PairAlignment.LogPartition(_first, _second, new() { Matrix = SubstitutionMatrix.Nucleotide() });

    private void Run(int t, int n, int c, int s)
    {
        var (logits, targets, frames, lengths, losses, gradient) = _batches[(t, n, c, s)];
        Ctc.LossAndGradient<float>(logits, c, frames, targets, lengths, losses, gradient, default, new() { MaxDegreeOfParallelism = Threads });
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((6 * random.NextDouble()) - 3))];

    private static string Bases(Random random, int count) => string.Concat(Enumerable.Range(0, count).Select(_ => "ACGT"[random.Next(4)]));
}
