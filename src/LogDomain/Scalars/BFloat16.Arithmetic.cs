using System.Numerics;

namespace LogDomain;

/// <remarks>
/// One operation in float, rounded again, is rounded correctly: float has 24 bits, and 2 * 8 + 2 are enough for sums, products, quotients and
/// square roots (Figueroa 1995). Where float is subnormal its step is still 2^-16 of this type's, so that a result either is exact in float or further
/// from a halfway point than float rounds.
/// </remarks>
public readonly partial struct BFloat16
{
    /// <inheritdoc/>
    public static BFloat16 operator +(BFloat16 left, BFloat16 right) => (BFloat16)((float)left + (float)right);

    /// <inheritdoc/>
    public static BFloat16 operator -(BFloat16 left, BFloat16 right) => (BFloat16)((float)left - (float)right);

    /// <inheritdoc/>
    public static BFloat16 operator *(BFloat16 left, BFloat16 right) => (BFloat16)((float)left * (float)right);

    /// <inheritdoc/>
    public static BFloat16 operator /(BFloat16 left, BFloat16 right) => (BFloat16)((float)left / (float)right);

    /// <summary>Computes the remainder of a division rounded toward zero. It is exact.</summary>
    public static BFloat16 operator %(BFloat16 left, BFloat16 right) => (BFloat16)((float)left % (float)right);

    /// <inheritdoc/>
    public static BFloat16 operator +(BFloat16 value) => value;

    /// <inheritdoc/>
    public static BFloat16 operator -(BFloat16 value) => new(value._bits ^ SignMask);

    /// <inheritdoc/>
    public static BFloat16 operator ++(BFloat16 value) => value + One;

    /// <inheritdoc/>
    public static BFloat16 operator --(BFloat16 value) => value - One;

    /// <summary>Computes <c>left * right + addend</c>, rounded once.</summary>
    public static BFloat16 FusedMultiplyAdd(BFloat16 left, BFloat16 right, BFloat16 addend)
    {
        // The product is exact in double; what the sum drops is recovered exactly (Knuth's TwoSum).
        double product = (double)left * (double)right;
        double sum = product + (double)addend;
        double added = sum - product;
        double missing = (product - (sum - added)) + ((double)addend - added);
        return RoundOnce(sum, missing);
    }

    /// <summary>Computes the remainder of a division rounded to nearest, ties to even. It is exact.</summary>
    public static BFloat16 Ieee754Remainder(BFloat16 left, BFloat16 right) => (BFloat16)MathF.IEEERemainder((float)left, (float)right);

    /// <summary>Computes <c>1 / x</c>, rounded correctly: an estimate whose bits depend on the machine would not be cheaper.</summary>
    public static BFloat16 ReciprocalEstimate(BFloat16 x) => One / x;

    /// <summary>Computes <c>1 / sqrt(x)</c>, rounded correctly: an estimate whose bits depend on the machine would not be cheaper.</summary>
    public static BFloat16 ReciprocalSqrtEstimate(BFloat16 x) => (BFloat16)(1 / Math.Sqrt((double)x));

    /// <summary>Computes <c>value1 * (1 - amount) + value2 * amount</c> in double, rounded from there.</summary>
    public static BFloat16 Lerp(BFloat16 value1, BFloat16 value2, BFloat16 amount) =>
        // Not double.Lerp, which fuses the operations on machines that can.
        (BFloat16)(((double)value1 * (1 - (double)amount)) + ((double)value2 * (double)amount));

    /// <inheritdoc/>
    public static BFloat16 Abs(BFloat16 value) => new(value._bits & ~SignMask);

    /// <inheritdoc/>
    public static BFloat16 CopySign(BFloat16 value, BFloat16 sign) => new((value._bits & ~SignMask) | (sign._bits & SignMask));

    /// <summary>Returns the smallest number above <paramref name="x"/>; infinity and NaN stay.</summary>
    public static BFloat16 BitIncrement(BFloat16 x) =>
        IsNaN(x) || IsPositiveInfinity(x) ? x
        : IsZero(x) ? Epsilon
        : new(x._bits + (IsNegative(x) ? -1 : 1));

    /// <summary>Returns the largest number below <paramref name="x"/>; negative infinity and NaN stay.</summary>
    public static BFloat16 BitDecrement(BFloat16 x) => -BitIncrement(-x);

    /// <inheritdoc/>
    public static int ILogB(BFloat16 x) => MathF.ILogB((float)x);

    /// <inheritdoc/>
    public static BFloat16 ScaleB(BFloat16 x, int n) => (BFloat16)MathF.ScaleB((float)x, n);

    /// <inheritdoc/>
    public static BFloat16 Ceiling(BFloat16 x) => (BFloat16)MathF.Ceiling((float)x);

    /// <inheritdoc/>
    public static BFloat16 Floor(BFloat16 x) => (BFloat16)MathF.Floor((float)x);

    /// <inheritdoc/>
    public static BFloat16 Truncate(BFloat16 x) => (BFloat16)MathF.Truncate((float)x);

    /// <inheritdoc/>
    public static BFloat16 Round(BFloat16 x) => (BFloat16)MathF.Round((float)x);

    /// <inheritdoc/>
    public static BFloat16 Round(BFloat16 x, int digits) => (BFloat16)MathF.Round((float)x, digits);

    /// <inheritdoc/>
    public static BFloat16 Round(BFloat16 x, MidpointRounding mode) => (BFloat16)MathF.Round((float)x, mode);

    /// <inheritdoc/>
    public static BFloat16 Round(BFloat16 x, int digits, MidpointRounding mode) => (BFloat16)MathF.Round((float)x, digits, mode);

    static BFloat16 IBitwiseOperators<BFloat16, BFloat16, BFloat16>.operator &(BFloat16 left, BFloat16 right) => new(left._bits & right._bits);

    static BFloat16 IBitwiseOperators<BFloat16, BFloat16, BFloat16>.operator |(BFloat16 left, BFloat16 right) => new(left._bits | right._bits);

    static BFloat16 IBitwiseOperators<BFloat16, BFloat16, BFloat16>.operator ^(BFloat16 left, BFloat16 right) => new(left._bits ^ right._bits);

    static BFloat16 IBitwiseOperators<BFloat16, BFloat16, BFloat16>.operator ~(BFloat16 value) => new(~value._bits);
}
