using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Cli.Evaluation;

/// <summary>Sums over a row of weights p and their logits y, y relative to the row's maximum.</summary>
/// <remarks>
/// Lanes, pieces and order are the same on every machine, and so are the bits. Float lanes add up at most <see cref="Piece"/> elements; the rest is
/// added in double.
/// </remarks>
/// <param name="Weights">sum p</param>
/// <param name="Squares">sum p^2</param>
/// <param name="Logits">sum y; -infinity if a class has probability zero</param>
/// <param name="Moment1">sum p y</param>
/// <param name="Moment2">sum p y^2</param>
/// <param name="Moment3">sum p y^3</param>
/// <param name="Moment4">sum p y^4</param>
internal readonly record struct RowSums(
    double Weights, double Squares, double Logits, double Moment1, double Moment2, double Moment3, double Moment4)
{
    private const int Piece = 1024;

    /// <summary>Both spans go on for <see cref="Slack{T}"/> elements or more after the row, and hold any numbers there.</summary>
    public static RowSums Of<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> p, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RowSums sums = default;
        for (int start = 0; start < length; start += Piece)
        {
            RowSums piece = OfPiece(y[start..], p[start..], Math.Min(Piece, length - start));
            sums = new(
                sums.Weights + piece.Weights,
                sums.Squares + piece.Squares,
                sums.Logits + piece.Logits,
                sums.Moment1 + piece.Moment1,
                sums.Moment2 + piece.Moment2,
                sums.Moment3 + piece.Moment3,
                sums.Moment4 + piece.Moment4);
        }

        return sums;
    }

    public static int Slack<T>() => Vector256<T>.Count - 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static RowSums OfPiece<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> p, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Below this p is 0 in float and double. It keeps 0 * -infinity out of the moments.
        Vector256<T> floor = Vector256.Create(T.CreateTruncating(-1000));
        Vector256<T> weights = default, squares = default, logits = default, moment1 = default, moment2 = default, moment3 = default, moment4 = default;
        ref T ys = ref MemoryMarshal.GetReference(y), ps = ref MemoryMarshal.GetReference(p);
        for (int i = 0; i < length; i += Vector256<T>.Count)
        {
            Vector256<T> logit = Vector256.LoadUnsafe(ref ys, (nuint)i), weight = Vector256.LoadUnsafe(ref ps, (nuint)i);
            if (length - i < Vector256<T>.Count)
            {
                Vector256<T> inside = Vector256.LessThan(Vector256<T>.Indices, Vector256.Create(T.CreateTruncating(length - i)));
                logit &= inside;
                weight &= inside;
            }

            logits += logit;
            logit = Vector256.MaxNative(logit, floor);
            weights += weight;
            squares += weight * weight;
            weight *= logit;
            moment1 += weight;
            weight *= logit;
            moment2 += weight;
            weight *= logit;
            moment3 += weight;
            weight *= logit;
            moment4 += weight;
        }

        return new(Sum(weights), Sum(squares), Sum(logits), Sum(moment1), Sum(moment2), Sum(moment3), Sum(moment4));
    }

    private static double Sum<T>(Vector256<T> lanes)
        where T : unmanaged, INumberBase<T> =>
        double.CreateTruncating(Vector256.Sum(lanes));
}
