using System.Numerics;
using BenchmarkDotNet.Attributes;

namespace LogDomain.Benchmarks;

/// <summary>The accumulator on spans, beside the log-sum-exp that it reproduces in any order; single terms, merging and reading the value.</summary>
[GenericTypeArguments(typeof(float))]
[GenericTypeArguments(typeof(double))]
[GenericTypeArguments(typeof(BFloat16))]
public class AccumulatorBenchmarks<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Count = 1 << 16, Parts = 1 << 10;

    private readonly T[] _x = new T[Count];
    private readonly int[] _keys = new int[Count];
    private readonly LogSumExpAccumulator[] _parts = new LogSumExpAccumulator[Parts];

    /// <summary>Fills the span with normally distributed logarithms, and the parts with 64 of them each.</summary>
    [GlobalSetup]
    public void Setup()
    {
        Random random = new(1);
        for (int i = 0; i < Count; i++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
            _x[i] = T.CreateTruncating(4 * normal);
            _keys[i] = random.Next(1000);
        }

        for (int i = 0; i < Parts; i++)
        {
            _parts[i].Add<T>(_x.AsSpan(i * (Count / Parts), Count / Parts));
        }
    }

    /// <summary>For comparison.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public T LogSumExp() => LogPrimitives.LogSumExp<T>(_x);

    /// <summary>Per element.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public long AddSpan()
    {
        LogSumExpAccumulator sum = default;
        sum.Add<T>(_x);
        return sum.Count;
    }

    /// <summary>Per element.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public long AddOneByOne()
    {
        LogSumExpAccumulator sum = default;
        foreach (T x in _x)
        {
            sum.Add(double.CreateTruncating(x));
        }

        return sum.Count;
    }

    /// <summary>Per element, with a thousand keys in random order.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public int AddGrouped()
    {
        GroupedLogSumExp<int> groups = new();
        groups.Add<T>(_keys, _x);
        return groups.Count;
    }

    /// <summary>Per state.</summary>
    [Benchmark(OperationsPerInvoke = Parts)]
    public long Merge()
    {
        LogSumExpAccumulator sum = default;
        foreach (ref LogSumExpAccumulator part in _parts.AsSpan())
        {
            sum.Merge(part);
        }

        return sum.Count;
    }

    /// <summary>Per state.</summary>
    [Benchmark(OperationsPerInvoke = Parts)]
    public double Value()
    {
        double sum = 0;
        foreach (ref LogSumExpAccumulator part in _parts.AsSpan())
        {
            sum += part.Value;
        }

        return sum;
    }
}
