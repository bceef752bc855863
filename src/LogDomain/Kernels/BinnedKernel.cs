using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>Terms and their squares into bins, eight at a time, with the bits of <see cref="BinnedTerm"/> and <see cref="BinnedSum.Add(double)"/>.</summary>
internal static unsafe class BinnedKernel<TVector, TLanes, T>
    where TVector : unmanaged, IVector<TVector, double>
    where TLanes : unmanaged, IBinnedLanes<TLanes, TVector>
    where T : unmanaged
{
    /// <summary>The two largest elements of a block, and whether all are numbers or -infinity; if not, the two say nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static bool TwoLargest(T* x, int length, out double largest, out double second)
    {
        TVector lowest = TVector.Create(double.NegativeInfinity), finite = TVector.Create(double.MinValue), zero = TVector.Create(0);
        TVector first = lowest, next = lowest, check = zero;
        double* rest = stackalloc double[TVector.Count];
        for (int i = 0; i < length; i += TVector.Count)
        {
            TVector d;
            if (i <= length - TVector.Count)
            {
                d = Load(x + i);
            }
            else
            {
                LoadRest(x + i, length - i, rest, TVector.Count);
                d = TVector.Load(rest);
            }

            next = TVector.Max(next, TVector.Min(first, d));
            first = TVector.Max(first, d);

            // Infinity times zero is NaN; -infinity is taken for a number.
            check = TVector.FusedMultiplyAdd(TVector.Max(finite, d), zero, check);
        }

        (largest, second) = TVector.TwoLargest(first, next);
        (largest, second) = (largest + 0.0, second + 0.0);   // +0 for either zero, on every machine
        return !double.IsNaN(TVector.Total(check, zero).High);
    }

    /// <summary>
    /// Adds e^min(x, clip) of every element to the sums of the frame of clip, which is <see cref="BinnedTerm.Near"/>. Returns the largest x, or NaN if there is one
    /// and the sums are worth nothing.
    /// </summary>
    /// <remarks>Two passes over a block, because one would have more operations that wait for each other than the processor looks ahead.</remarks>
    [SkipLocalsInit]
    public static double Add(T* x, int length, double clip, in BinnedFrame frame, ref BinnedSum sum, ref BinnedSum squares)
    {
        double* terms = stackalloc double[BinnedBlocks.Length];
        double largest = Terms(x, length, clip, frame.Exponent, terms);
        Bins(terms, (length + TVector.Count - 1) / TVector.Count, frame, ref sum, ref squares);
        return largest;
    }

    /// <summary>Writes the terms in units of 2^exponent, and next to nothing to the end of the last two vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static double Terms(T* x, int length, double clip, long exponent, double* terms)
    {
        TVector magic = TVector.Create(BinnedTerm.Magic - (8.0 * exponent));
        TVector upper = TVector.Create(clip);

        // Far enough below the lowest grid to add nothing, and high enough that nothing underflows.
        TVector lower = TVector.Create((exponent - 120) * 0.6931471805599453);
        TVector largest = TVector.Create(double.NegativeInfinity), check = TVector.Create(0);
        double* rest = stackalloc double[2 * TVector.Count];
        for (int i = 0; i < length; i += 2 * TVector.Count)
        {
            // a and b are two vectors of elements and what becomes of them, side by side.
            TVector a, b;
            if (i <= length - (2 * TVector.Count))
            {
                (a, b) = (Load(x + i), Load(x + i + TVector.Count));
            }
            else
            {
                LoadRest(x + i, length - i, rest, 2 * TVector.Count);
                (a, b) = (TVector.Load(rest), TVector.Load(rest + TVector.Count));
            }

            largest = TVector.Max(TVector.Max(largest, a), b);
            a = TVector.Max(lower, TVector.Min(upper, a));
            b = TVector.Max(lower, TVector.Min(upper, b));
            TVector shiftedA = TVector.FusedMultiplyAdd(a, TVector.Create(BinnedTerm.EighthsPerNat), magic);
            TVector shiftedB = TVector.FusedMultiplyAdd(b, TVector.Create(BinnedTerm.EighthsPerNat), magic);
            TVector zA = shiftedA - magic, zB = shiftedB - magic;
            a = TVector.FusedMultiplyAdd(zA, TVector.Create(-BinnedTerm.NatsPerEighth), a);
            b = TVector.FusedMultiplyAdd(zB, TVector.Create(-BinnedTerm.NatsPerEighth), b);
            a = TVector.FusedMultiplyAdd(zA, TVector.Create(-BinnedTerm.NatsPerEighthLow), a);
            b = TVector.FusedMultiplyAdd(zB, TVector.Create(-BinnedTerm.NatsPerEighthLow), b);
            TVector pA = TVector.FusedMultiplyAdd(TVector.Create(BinnedTerm.C7), a, TVector.Create(BinnedTerm.C6));
            TVector pB = TVector.FusedMultiplyAdd(TVector.Create(BinnedTerm.C7), b, TVector.Create(BinnedTerm.C6));
            (pA, pB) = (TVector.FusedMultiplyAdd(pA, a, TVector.Create(BinnedTerm.C5)), TVector.FusedMultiplyAdd(pB, b, TVector.Create(BinnedTerm.C5)));
            (pA, pB) = (TVector.FusedMultiplyAdd(pA, a, TVector.Create(BinnedTerm.C4)), TVector.FusedMultiplyAdd(pB, b, TVector.Create(BinnedTerm.C4)));
            (pA, pB) = (TVector.FusedMultiplyAdd(pA, a, TVector.Create(BinnedTerm.C3)), TVector.FusedMultiplyAdd(pB, b, TVector.Create(BinnedTerm.C3)));
            (pA, pB) = (TVector.FusedMultiplyAdd(pA, a, TVector.Create(BinnedTerm.C2)), TVector.FusedMultiplyAdd(pB, b, TVector.Create(BinnedTerm.C2)));
            (pA, pB) = (TVector.FusedMultiplyAdd(pA, a, TVector.Create(1)), TVector.FusedMultiplyAdd(pB, b, TVector.Create(1)));
            a = TVector.FusedMultiplyAdd(a, pA, TVector.PowerOfTwoError(shiftedA));
            b = TVector.FusedMultiplyAdd(b, pB, TVector.PowerOfTwoError(shiftedB));
            TVector powerA = TVector.PowerOfTwo(shiftedA), powerB = TVector.PowerOfTwo(shiftedB);
            a = TVector.FusedMultiplyAdd(powerA, a, powerA);
            b = TVector.FusedMultiplyAdd(powerB, b, powerB);
            check += a + b;
            a.Store(terms + i);
            b.Store(terms + i + TVector.Count);
        }

        return double.IsNaN(TVector.Total(check, TVector.Create(0)).High) ? double.NaN : TVector.Largest(largest);
    }

    /// <summary>Splits terms and squares among the bins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Bins(double* terms, int vectors, in BinnedFrame frame, ref BinnedSum sum, ref BinnedSum squares)
    {
        // Squares come in the unit of the terms squared, which is that of their top bin or 2^-52 of it; then their anchors are as much larger.
        double squareUnit = frame.SquareExponent == 2 * frame.Exponent ? 1 : 1L << 52;
        TVector top = TVector.Create(BinnedSum.TopAnchor), middle = TVector.Create(BinnedSum.MiddleAnchor), low = TVector.Create(BinnedSum.LowAnchor);
        TVector squareTop = TVector.Create(BinnedSum.TopAnchor * squareUnit);
        TVector squareMiddle = TVector.Create(BinnedSum.MiddleAnchor * squareUnit);
        TVector squareLow = TVector.Create(BinnedSum.LowAnchor * squareUnit);
        TLanes top1 = default, middle1 = default, low1 = default, top2 = default, middle2 = default, low2 = default;
        for (int i = 0; i < vectors; i++)
        {
            TVector term = TVector.Load(terms + (i * TVector.Count));
            TVector square = term * term;

            TVector anchored = term + top;
            top1 = top1.Plus(anchored);
            term -= anchored - top;
            anchored = term + middle;
            middle1 = middle1.Plus(anchored);
            term -= anchored - middle;
            low1 = low1.Plus(term + low);

            anchored = square + squareTop;
            top2 = top2.Plus(anchored);
            square -= anchored - squareTop;
            anchored = square + squareMiddle;
            middle2 = middle2.Plus(anchored);
            square -= anchored - squareMiddle;
            low2 = low2.Plus(square + squareLow);
        }

        int lanes = vectors * TVector.Count;
        sum.Top += Units(top1, BinnedSum.TopAnchor, lanes);
        sum.Middle += Units(middle1, BinnedSum.MiddleAnchor, lanes);
        sum.Low += Units(low1, BinnedSum.LowAnchor, lanes);
        squares.Top += Units(top2, BinnedSum.TopAnchor * squareUnit, lanes);
        squares.Middle += Units(middle2, BinnedSum.MiddleAnchor * squareUnit, lanes);
        squares.Low += Units(low2, BinnedSum.LowAnchor * squareUnit, lanes);
    }

    /// <summary>The lanes less the anchors in them. Modulo 2^64, which the difference, below 1024 * 2^51, does not reach.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Units(TLanes bits, double anchor, int lanes) =>
        unchecked(bits.Total() - (lanes * BitConverter.DoubleToInt64Bits(anchor)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Load(T* x)
    {
        if (typeof(T) == typeof(double))
        {
            return TVector.Load((double*)x);
        }

        Vector256<float> singles = Vector256.Load((float*)x);
        return TVector.Create(Vector512.IsHardwareAccelerated
            ? Vector512.WidenLower(singles.ToVector512Unsafe())
            : Vector512.Create(Vector256.WidenLower(singles), Vector256.WidenUpper(singles)));
    }

    /// <summary>Fewer elements than lanes; -infinity in the others.</summary>
    private static void LoadRest(T* x, int count, double* lanes, int length)
    {
        for (int i = 0; i < length; i++)
        {
            lanes[i] = i >= count ? double.NegativeInfinity : typeof(T) == typeof(double) ? ((double*)x)[i] : ((float*)x)[i];
        }
    }
}
