using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>Where the bins of a sum of terms, and of the sum of their squares, lie. The largest term decides it, and nothing else.</summary>
internal readonly record struct BinnedFrame
{
    private readonly double _origin;
    private readonly long _top;
    private readonly long _squareTop;

    /// <summary>
    /// Term and square are below 2^(Exponent + 1) and 2^(2 Exponent + 2), and must not be above half the grid over the top bin, 2^(52 top + 51).
    /// </summary>
    public BinnedFrame(double largest)
    {
        long exponent = BinnedTerm.ExponentOf(largest) + 1;
        _origin = BinnedTerm.OriginOf(largest);
        _top = Floor(exponent, BinnedSum.Width);
        _squareTop = Floor(exponent, BinnedSum.Width / 2);
    }

    /// <summary>The power of two that is the top bin's grid.</summary>
    public long Exponent => _top * BinnedSum.Width;

    /// <summary>The power of two that is the grid of the top bin of squares.</summary>
    public long SquareExponent => _squareTop * BinnedSum.Width;

    /// <summary>Adds a term, or with a sign of -1 takes it away.</summary>
    public void Add(in BinnedTerm term, double sign, ref BinnedSum sum, ref BinnedSum squares)
    {
        long exponent = term.Exponent - Exponent;

        // Below 2^-106 a term is less than half the lowest grid; so is its square, whose window is no deeper.
        if (term.Origin == _origin && exponent >= -110)
        {
            sum.Add(sign * term.Significand * Power(exponent));
            squares.Add(sign * (term.Significand * term.Significand) * Power((2 * term.Exponent) - SquareExponent));
        }
    }

    /// <summary>Moves sums from a lower frame into this one.</summary>
    public void Raise(in BinnedFrame from, ref BinnedSum sum, ref BinnedSum squares)
    {
        if (from._origin == _origin)
        {
            sum.MoveUp(_top - from._top);
            squares.MoveUp(_squareTop - from._squareTop);
        }
        else
        {
            (sum, squares) = (default, default);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Power(long exponent) => BitConverter.Int64BitsToDouble((exponent + 1023) << 52);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Floor(long dividend, long divisor)
    {
        long quotient = dividend / divisor;
        return quotient * divisor > dividend ? quotient - 1 : quotient;
    }
}
