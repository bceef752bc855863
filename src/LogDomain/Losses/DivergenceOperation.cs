using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <summary>What <see cref="KullbackLeibler"/> and <see cref="JensenShannon"/> share: the checks, and the way to the kernel.</summary>
internal static unsafe class DivergenceOperation<TDivergence, T>
    where TDivergence : IDivergence
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly DivergenceOptions Defaults = new();

    public static T Reduce(ReadOnlySpan<T> logitsP, ReadOnlySpan<T> logitsQ, int classes, Span<T> gradientP, Span<T> gradientQ, DivergenceOptions? options)
    {
        options ??= Defaults;
        int rows = Check(logitsP, logitsQ, classes, options);
        CheckGradient(logitsP, logitsQ, gradientP, nameof(logitsP), nameof(logitsQ), nameof(gradientP));
        CheckGradient(logitsQ, logitsP, gradientQ, nameof(logitsQ), nameof(logitsP), nameof(gradientQ));
        int written = logitsP.Length;
        LossArguments.CheckApart<T, T>(gradientP[..Math.Min(gradientP.Length, written)], gradientQ[..Math.Min(gradientQ.Length, written)], nameof(gradientP), nameof(gradientQ));
        using Scratch<double> losses = new(rows);
        double scale = options.Reduction == Reduction.Mean ? 1.0 / rows : 1;
        fixed (T* p = logitsP, q = logitsQ, byP = gradientP, byQ = gradientQ)
        fixed (double* loss = losses.Span)
        {
            Divergences<TDivergence, T>.Run(p, q, rows, classes, loss, byP, byQ, scale, options.MaxDegreeOfParallelism);
        }

        double sum = Sums.Sum<double>(losses.Span).Value.Value;
        return T.CreateTruncating(options.Reduction == Reduction.Mean ? sum / rows : sum);
    }

    public static void PerRow(ReadOnlySpan<T> logitsP, ReadOnlySpan<T> logitsQ, int classes, Span<T> losses, DivergenceOptions? options)
    {
        options ??= Defaults;
        int rows = Check(logitsP, logitsQ, classes, options);
        LossArguments.CheckLength(losses.Length, rows, nameof(losses));
        LossArguments.CheckApart<T, T>(logitsP, losses[..rows], nameof(logitsP), nameof(losses));
        LossArguments.CheckApart<T, T>(logitsQ, losses[..rows], nameof(logitsQ), nameof(losses));
        using Scratch<double> wide = new(rows);
        fixed (T* p = logitsP, q = logitsQ, destination = losses)
        fixed (double* loss = wide.Span)
        {
            Divergences<TDivergence, T>.Run(p, q, rows, classes, loss, null, null, 1, options.MaxDegreeOfParallelism);
            Widening.FromDouble(loss, rows, destination);
        }
    }

    private static int Check(ReadOnlySpan<T> logitsP, ReadOnlySpan<T> logitsQ, int classes, DivergenceOptions options)
    {
        LossArguments.CheckElement<T>();
        LossArguments.CheckReduction(options.Reduction);
        LossArguments.CheckDegree(options.MaxDegreeOfParallelism);
        LossArguments.CheckCount(logitsQ.Length, logitsP.Length, nameof(logitsQ));
        return LossArguments.Rows(logitsP.Length, classes, nameof(logitsP));
    }

    private static void CheckGradient(ReadOnlySpan<T> own, ReadOnlySpan<T> other, ReadOnlySpan<T> gradient, string ownName, string otherName, string name)
    {
        if (gradient.IsEmpty)
        {
            return;
        }

        LossArguments.CheckLength(gradient.Length, own.Length, name);
        gradient = gradient[..own.Length];
        LossArguments.CheckInPlace(own, gradient, ownName, name);
        LossArguments.CheckApart(other, gradient, otherName, name);
    }
}
