using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>
/// A sum in three bins: integers that count multiples of a grid. Grids lie 52 bits apart at fixed powers of two, <c>2^(52 b)</c> for bin b, and a
/// number is split by rounding it to the grid of one bin after the other. Every bin is a sum of its own, without carries: it has the same value in any
/// order, and dropping the lowest when the sum moves up leaves what would be there had its parts never been added.
/// </summary>
/// <remarks>
/// Numbers come in units of the top bin's grid and are at most 2^51, half the grid above. A part is then at most 2^51 in each bin, and 2^63 of them
/// stay below 2^115. What a number has below the lowest grid, 2^-104, is rounded away.
/// The additions are compiled apart and at once: inlined into a larger method, those of 128 bits become calls and three times as slow.
/// </remarks>
internal struct BinnedSum
{
    /// <summary>1.5 * 2^52 times the grid: a sum with it lies in one binade and is rounded to the grid, ties to even, whatever the number's sign.</summary>
    public const double TopAnchor = 6755399441055744, MiddleAnchor = 1.5, LowAnchor = 1.5 / (1L << 52);

    /// <summary>Bits from one grid to the next.</summary>
    public const int Width = 52;

    public Int128 Top;
    public Int128 Middle;
    public Int128 Low;

    public readonly bool IsZero => (Top | Middle | Low) == 0;

    /// <summary>Adds a number in units of the top grid, of magnitude 2^51 at most. The scalar equivalent of <see cref="BinnedKernel{TVector, TLanes, T}"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(double value)
    {
        double top = value + TopAnchor;
        value -= top - TopAnchor;
        double middle = value + MiddleAnchor;
        value -= middle - MiddleAnchor;
        double low = value + LowAnchor;
        Top += Units(top, TopAnchor);
        Middle += Units(middle, MiddleAnchor);
        Low += Units(low, LowAnchor);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(in BinnedSum other)
    {
        Top += other.Top;
        Middle += other.Middle;
        Low += other.Low;
    }

    /// <summary>Makes room above: bins move down, and what leaves the lowest is dropped.</summary>
    public void MoveUp(long bins)
    {
        for (; bins > 0 && !IsZero; bins--)
        {
            (Top, Middle, Low) = (0, Top, Middle);
        }
    }

    /// <summary>The sum in units of the top grid, to about 2^-104.</summary>
    public readonly DoubleDouble Total() => Wide(Top, 0) + Wide(Middle, -Width) + Wide(Low, -2 * Width);

    /// <summary>
    /// Whether the sum is at least the lower number and at most the upper one times a count, and every bin is within the bounds of that many parts. The
    /// numbers that were added are positive, and so are their parts in the top bin.
    /// </summary>
    public readonly bool IsBetween(double lower, double upper, long count)
    {
        Int128 bound = (Int128)count << (Width - 1);
        if (Top < 0 || Top > bound || Middle < -bound || Middle > bound || Low < -bound || Low > bound)
        {
            return false;
        }

        BinnedSum least = default, most = default;
        least.Add(lower);
        most.Add(upper);
        return IsNegative(least.Top - Top, least.Middle - Middle, least.Low - Low - 1)
            && !IsNegative((most.Top * count) - Top, (most.Middle * count) - Middle, (most.Low * count) - Low);
    }

    /// <summary>The sign of the sum of the bins: what does not fit a bin is carried, and the rest of it is positive.</summary>
    private static bool IsNegative(Int128 top, Int128 middle, Int128 low) => top + ((middle + (low >> Width)) >> Width) < 0;

    private static DoubleDouble Wide(Int128 bin, int exponent)
    {
        // 62 bits at a time: two doubles hold a long exactly.
        long high = (long)(bin >> 62), low = (long)(bin & ((Int128.One << 62) - 1));
        return Exact(high, exponent + 62) + Exact(low, exponent);
    }

    private static DoubleDouble Exact(long value, int exponent)
    {
        DoubleDouble exact = BinnedLogarithm.Of(value);
        return new(ScalarFunctions.Scale(exact.High, exponent), ScalarFunctions.Scale(exact.Low, exponent));
    }

    /// <summary>How many grid steps a number with its anchor lies above the anchor: doubles of one binade are numbered by their bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Units(double anchored, double anchor) => BitConverter.DoubleToInt64Bits(anchored) - BitConverter.DoubleToInt64Bits(anchor);
}
