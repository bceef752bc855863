using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels.Sequences;

/// <summary>What one thread needs to run over sequences of one model, one after the other.</summary>
/// <typeparam name="T">The element type.</typeparam>
internal abstract unsafe class ChainRunner<T> : IDisposable
    where T : unmanaged
{
    /// <param name="states">States.</param>
    /// <param name="start">A score for each first state, or null.</param>
    /// <param name="end">A score for each last state, or null.</param>
    /// <param name="transitions">Scores of pairs, a row for each first state; null if each sequence has its own.</param>
    public static ChainRunner<T> Create(int states, T* start, T* end, T* transitions) =>
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported && Avx512DQ.IsSupported
            ? new ChainRunner<T, DoubleVector512>(states, start, end, transitions)
            : new ChainRunner<T, DoubleVector256Pair>(states, start, end, transitions);

    /// <summary>States up to a whole number of vectors: the length of rows of double.</summary>
    public abstract int Stride { get; }

    /// <summary>Another runner for the same model, which must be disposed before this one.</summary>
    public abstract ChainRunner<T> Fork();

    public abstract void Dispose();

    /// <summary>The logarithm of the sum over all paths: -infinity where none is possible, NaN where a score is NaN or +infinity.</summary>
    public abstract double LogPartition(in ChainItem<T> item);

    /// <summary>Minus the logarithm of the probability of a path.</summary>
    public abstract double Loss(in ChainItem<T> item, int* tags);

    /// <summary>The gradient of <see cref="LogPartition"/>, or of <see cref="Loss"/> if there are tags, and the value of either.</summary>
    public abstract double Gradient(in ChainItem<T> item, int* tags, in ChainGradient<T> gradient);

    /// <summary>
    /// For each position the probabilities of its state given what has come until then, and the logarithm of the sum over all paths until then. What has come is impossible: 0 and -infinity.
    /// </summary>
    public abstract void Filter(in ChainItem<T> item, T* probabilities, T* logPartitions);

    /// <summary>The path with the largest score, the first of equals by the last state in which they differ, and that score. Where nothing is possible the path is -1 everywhere.</summary>
    public abstract double BestPath(in ChainItem<T> item, int* path);

    /// <summary>Paths drawn by their probabilities; number k is a function of seed and <paramref name="stream"/> + k. Where nothing is possible a path is -1 everywhere.</summary>
    public abstract void Sample(in ChainItem<T> item, int* paths, nint pathStride, int count, ulong seed, ulong stream);
}
