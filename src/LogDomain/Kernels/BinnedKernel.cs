using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>Terms and their squares into bins, eight at a time, with the bits of <see cref="BinnedTerm"/> and <see cref="BinnedSum.Add(double)"/>.</summary>
internal static unsafe class BinnedKernel<TVector, TLanes>
    where TVector : unmanaged, IVector<TVector, double>
    where TLanes : unmanaged, IBinnedLanes<TLanes, TVector>
{
    /// <summary>The two largest elements of a block, and whether there is a NaN or +infinity in it, which leave the largest undecided.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TwoLargest(double* x, int length, out double largest, out double second)
    {
        TVector lowest = TVector.Create(double.NegativeInfinity), finite = TVector.Create(double.MinValue), zero = TVector.Create(0);
        TVector a1 = lowest, a2 = lowest, b1 = lowest, b2 = lowest, a0 = zero, b0 = zero;
        int i = 0;
        for (; i <= length - (2 * TVector.Count); i += 2 * TVector.Count)
        {
            TVector a = TVector.Load(x + i), b = TVector.Load(x + i + TVector.Count);
            a2 = TVector.Max(a2, TVector.Min(a1, a));
            b2 = TVector.Max(b2, TVector.Min(b1, b));
            a1 = TVector.Max(a1, a);
            b1 = TVector.Max(b1, b);

            // Infinity times zero is NaN; -infinity is taken for a number.
            a0 = TVector.FusedMultiplyAdd(TVector.Max(finite, a), zero, a0);
            b0 = TVector.FusedMultiplyAdd(TVector.Max(finite, b), zero, b0);
        }

        for (; i < length; i += TVector.Count)
        {
            TVector a = TVector.LoadFirst(x + i, length - i);
            a2 = TVector.Max(a2, TVector.Min(a1, a));
            a1 = TVector.Max(a1, a);
            a0 = TVector.FusedMultiplyAdd(TVector.Max(finite, a), zero, a0);
        }

        (largest, second) = TVector.TwoLargest(TVector.Max(a1, b1), TVector.Max(TVector.Min(a1, b1), TVector.Max(a2, b2)));
        (largest, second) = (largest + 0.0, second + 0.0);   // +0 for either zero, on every machine
        return !double.IsNaN(TVector.Total(a0, b0).High);
    }

    /// <summary>
    /// Adds e^min(x, clip) of every element, each of which is a number or -infinity, to the sums of the frame of clip, which is <see cref="BinnedTerm.Near"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(double* x, int length, double clip, in BinnedFrame frame, ref BinnedSum sum, ref BinnedSum squares)
    {
        // The weights are terms in units of the top grid. Squares have that unit squared or 2^52 times it; then their anchors are as much larger.
        double squareUnit = frame.SquareExponent == 2 * frame.Exponent ? 1 : 1L << 52;
        TVector top = TVector.Create(BinnedSum.TopAnchor), middle = TVector.Create(BinnedSum.MiddleAnchor), low = TVector.Create(BinnedSum.LowAnchor);
        TVector squareTop = TVector.Create(BinnedSum.TopAnchor * squareUnit);
        TVector squareMiddle = TVector.Create(BinnedSum.MiddleAnchor * squareUnit);
        TVector squareLow = TVector.Create(BinnedSum.LowAnchor * squareUnit);
        TVector magic = TVector.Create(BinnedTerm.Magic - (8.0 * frame.Exponent));
        TVector upper = TVector.Create(clip);

        // Far enough below the lowest grid to add nothing, and high enough that nothing underflows.
        TVector lower = TVector.Create((frame.Exponent - 120) * 0.6931471805599453);
        TLanes top0 = default, middle0 = default, low0 = default, top2 = default, middle2 = default, low2 = default;
        int vectors = 0;
        for (int i = 0; i < length; i += TVector.Count, vectors++)
        {
            TVector d = i <= length - TVector.Count ? TVector.Load(x + i) : TVector.LoadFirst(x + i, length - i);
            d = TVector.Max(lower, TVector.Min(upper, d));
            TVector shifted = TVector.FusedMultiplyAdd(d, TVector.Create(BinnedTerm.EighthsPerNat), magic);
            TVector z = shifted - magic;
            TVector r = TVector.FusedMultiplyAdd(z, TVector.Create(-BinnedTerm.NatsPerEighth), d);
            r = TVector.FusedMultiplyAdd(z, TVector.Create(-BinnedTerm.NatsPerEighthLow), r);
            TVector p = TVector.FusedMultiplyAdd(TVector.Create(BinnedTerm.C7), r, TVector.Create(BinnedTerm.C6));
            p = TVector.FusedMultiplyAdd(p, r, TVector.Create(BinnedTerm.C5));
            p = TVector.FusedMultiplyAdd(p, r, TVector.Create(BinnedTerm.C4));
            p = TVector.FusedMultiplyAdd(p, r, TVector.Create(BinnedTerm.C3));
            p = TVector.FusedMultiplyAdd(p, r, TVector.Create(BinnedTerm.C2));
            p = TVector.FusedMultiplyAdd(p, r, TVector.Create(1));
            TVector s = TVector.FusedMultiplyAdd(r, p, TVector.PowerOfTwoError(shifted));
            TVector power = TVector.PowerOfTwo(shifted);
            TVector w = TVector.FusedMultiplyAdd(power, s, power);
            TVector square = w * w;

            TVector anchored = w + top;
            top0 = top0.Plus(anchored);
            w -= anchored - top;
            anchored = w + middle;
            middle0 = middle0.Plus(anchored);
            w -= anchored - middle;
            low0 = low0.Plus(w + low);

            anchored = square + squareTop;
            top2 = top2.Plus(anchored);
            square -= anchored - squareTop;
            anchored = square + squareMiddle;
            middle2 = middle2.Plus(anchored);
            square -= anchored - squareMiddle;
            low2 = low2.Plus(square + squareLow);
        }

        long lanes = (long)vectors * TVector.Count;
        sum.Top += Units(top0, BinnedSum.TopAnchor, lanes);
        sum.Middle += Units(middle0, BinnedSum.MiddleAnchor, lanes);
        sum.Low += Units(low0, BinnedSum.LowAnchor, lanes);
        squares.Top += Units(top2, BinnedSum.TopAnchor * squareUnit, lanes);
        squares.Middle += Units(middle2, BinnedSum.MiddleAnchor * squareUnit, lanes);
        squares.Low += Units(low2, BinnedSum.LowAnchor * squareUnit, lanes);
    }

    /// <summary>The lanes less the anchors in them. Modulo 2^64, which the difference, below 1024 * 2^51, does not reach.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Units(TLanes bits, double anchor, long lanes) => unchecked(bits.Total() - (lanes * BitConverter.DoubleToInt64Bits(anchor)));
}
