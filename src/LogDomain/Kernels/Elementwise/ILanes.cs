namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// Lanes of <see cref="double"/> for functions of one element: eight in vectors, or one. A function written over this interface is a scalar function and
/// a vector kernel at once, with the same operations in the same order, so its bits are the same wherever an element stands.
/// </summary>
/// <remarks>A mask is a lane with all bits set, or none.</remarks>
/// <typeparam name="TSelf">The lanes.</typeparam>
internal unsafe interface ILanes<TSelf>
    where TSelf : unmanaged, ILanes<TSelf>
{
    /// <summary>How many lanes there are.</summary>
    static abstract int Count { get; }

    /// <summary>The value in every lane.</summary>
    static abstract TSelf Create(double value);

    /// <summary>Lane i holds <c>source[i]</c>.</summary>
    static abstract TSelf Load(double* source);

    /// <summary>Lane i holds <c>source[i]</c>, which is exact.</summary>
    static abstract TSelf Load(float* source);

    /// <summary>Writes lane i to <c>destination[i]</c>.</summary>
    void Store(double* destination);

    /// <summary>Writes lane i, rounded, to <c>destination[i]</c>.</summary>
    void Store(float* destination);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf value);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary><c>left * right + addend</c>, rounded once.</summary>
    static abstract TSelf FusedMultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>The same with lane i of the second factor at <c>right[i]</c>, which is read by the multiplication itself.</summary>
    static abstract TSelf FusedMultiplyAdd(TSelf left, double* right, TSelf addend);

    /// <summary>c0 + c1 x + ... + c4 x^4, in pairs (Estrin), so that no long chain has to be waited for.</summary>
    static abstract TSelf Polynomial(TSelf x, double c0, double c1, double c2, double c3, double c4);

    static abstract TSelf Polynomial(TSelf x, double c0, double c1, double c2, double c3, double c4, double c5, double c6);

    static abstract TSelf Polynomial(TSelf x, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7);

    static abstract TSelf Polynomial(TSelf x, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9);

    static abstract TSelf Abs(TSelf value);

    /// <summary>The larger; where either lane is NaN, the lane of <paramref name="right"/>.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary>The smaller; where either lane is NaN, the lane of <paramref name="right"/>.</summary>
    static abstract TSelf Min(TSelf left, TSelf right);

    /// <summary>Where left is smaller than right. Not where either is NaN.</summary>
    static abstract TSelf Less(TSelf left, TSelf right);

    /// <summary>Where both are the same number. Not where either is NaN.</summary>
    static abstract TSelf Equal(TSelf left, TSelf right);

    /// <summary>Bit i is set where either is NaN.</summary>
    static abstract uint BitsOfUnordered(TSelf left, TSelf right);

    static abstract TSelf And(TSelf left, TSelf right);

    static abstract TSelf Or(TSelf left, TSelf right);

    static abstract TSelf Not(TSelf mask);

    /// <summary>The lanes of <paramref name="yes"/> where the mask is set, of <paramref name="no"/> elsewhere.</summary>
    static abstract TSelf Select(TSelf mask, TSelf yes, TSelf no);

    /// <summary>The lanes of <paramref name="yes"/> where the sign bit of <paramref name="sign"/> is set, of <paramref name="no"/> elsewhere.</summary>
    static abstract TSelf SelectBySign(TSelf sign, TSelf yes, TSelf no);

    /// <summary>Bit i is the highest of lane i: whether a mask is set there, or a number negative.</summary>
    static abstract uint Bits(TSelf mask);

    /// <summary><see cref="Bits"/> of <see cref="Less"/>, of which some instruction sets make no mask on the way.</summary>
    static abstract uint BitsOfLess(TSelf left, TSelf right);

    /// <summary>2^(z/8) to the nearest double, z being the integer in the low bits of <c>z + 1.5 * 2^52</c>.</summary>
    static abstract TSelf PowerOfTwo(TSelf shiftedZ);

    /// <summary>How far <see cref="PowerOfTwo"/> is from the true power, as a part of it.</summary>
    static abstract TSelf PowerOfTwoError(TSelf shiftedZ);

    /// <summary>
    /// <c>value = 2^exponent * mantissa</c> of a positive normal value, with the mantissa from 0.703125 to 1.40625 and the number of its interval in the low bits of
    /// <paramref name="interval"/>, for <see cref="Logarithms"/>; any other value gives any numbers.
    /// </summary>
    static abstract TSelf Split(TSelf value, out TSelf exponent, out TSelf interval);

    /// <summary><c>table[i]</c> of sixteen entries, i being the low four bits of each lane.</summary>
    static abstract TSelf Lookup(ReadOnlySpan<double> table, TSelf index);

    /// <summary>Bit i is set where lane i is not between the two numbers, or is NaN.</summary>
    static abstract uint Outside(TSelf value, double low, double high);

    /// <summary>2^-exponent, for integers from -1022 to 1022.</summary>
    static abstract TSelf InversePower(TSelf exponent);

    /// <summary>
    /// The value rounded, ties to even, to a number of <paramref name="bits"/> significant bits, or to a multiple of the smallest of a type whose smallest normal
    /// number is 2^<paramref name="minExponent"/>. Infinities and NaN stay.
    /// </summary>
    static abstract TSelf Round(TSelf value, int bits, int minExponent);
}
