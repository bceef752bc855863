using System.Numerics;
using BenchmarkDotNet.Attributes;
using LogDomain.Losses;

namespace LogDomain.Benchmarks;

/// <summary>The operations on rows: short, middling and long rows of about the same size in all, with and without masked elements.</summary>
[GenericTypeArguments(typeof(float))]
[GenericTypeArguments(typeof(double))]
public class RowBenchmarks<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Count = 1 << 20;

    private readonly CrossEntropyOptions _options = new() { MaxDegreeOfParallelism = 1 };
    private readonly T[] _logits = new T[Count];
    private readonly T[] _destination = new T[Count];
    private int[] _targets = [];

    /// <summary>The length of a row.</summary>
    [Params(64, 1_024, 131_072)]
    public int RowLength { get; set; }

    /// <summary>Whether every tenth element is minus infinity, which must not slow its neighbours.</summary>
    [Params(false, true)]
    public bool Masked { get; set; }

    /// <summary>Fills the rows with normally distributed logits.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        for (int i = 0; i < Count; i++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
            _logits[i] = Masked && i % 10 == 9 ? T.NegativeInfinity : T.CreateTruncating(4 * normal);
        }

        _targets = new int[Count / RowLength]; // all of class 0, which masking spares
    }

    /// <summary>One number per row.</summary>
    [Benchmark]
    public void LogSumExp() => LogPrimitives.LogSumExpRows<T>(_logits, RowLength, _destination, maxDegreeOfParallelism: 1);

    /// <summary>One number per element.</summary>
    [Benchmark]
    public void SoftMax() => LogPrimitives.SoftMaxRows<T>(_logits, RowLength, _destination, maxDegreeOfParallelism: 1);

    /// <summary>One number per element.</summary>
    [Benchmark]
    public void LogSoftMax() => LogPrimitives.LogSoftMaxRows<T>(_logits, RowLength, _destination, maxDegreeOfParallelism: 1);

    /// <summary>One number in all.</summary>
    [Benchmark]
    public T CrossEntropyLoss() => CrossEntropy.Loss<T>(_logits, _targets, _options);

    /// <summary>One number in all and one per element.</summary>
    [Benchmark]
    public T CrossEntropyLossAndGradient() => CrossEntropy.LossAndGradient<T>(_logits, _targets, _destination, _options);
}
