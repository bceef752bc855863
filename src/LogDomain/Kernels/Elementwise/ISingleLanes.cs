namespace LogDomain.Kernels.Elementwise;

/// <summary>Lanes of <see cref="float"/>, sixteen in vectors, or one: for the functions whose pairs of floats are faster than doubles and as good.</summary>
/// <typeparam name="TSelf">The lanes.</typeparam>
internal unsafe interface ISingleLanes<TSelf>
    where TSelf : unmanaged, ISingleLanes<TSelf>
{
    /// <summary>How many lanes there are.</summary>
    static abstract int Count { get; }

    /// <summary>The value, rounded, in every lane.</summary>
    static abstract TSelf Create(double value);

    static abstract TSelf Load(float* source);

    void Store(float* destination);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf value);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    static abstract TSelf FusedMultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>The larger; where either lane is NaN, the lane of <paramref name="right"/>.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary>The smaller; where either lane is NaN, the lane of <paramref name="right"/>.</summary>
    static abstract TSelf Min(TSelf left, TSelf right);

    /// <summary>2^(z/16) to the nearest float, z being the integer in the low bits of <c>z + 1.5 * 2^23</c>.</summary>
    static abstract TSelf PowerOfTwo(TSelf shiftedZ);

    /// <summary>How far <see cref="PowerOfTwo"/> is from the true power, as a part of it.</summary>
    static abstract TSelf PowerOfTwoError(TSelf shiftedZ);

    /// <summary>-|value|.</summary>
    static abstract TSelf MinusAbs(TSelf value);

    /// <summary>Bit i is set where lane i is not between the two numbers, or is NaN.</summary>
    static abstract uint Outside(TSelf value, double low, double high);

    /// <summary>Bit i is set where left is smaller than right.</summary>
    static abstract uint Less(TSelf left, TSelf right);

    /// <summary>The lanes of <paramref name="yes"/> where the sign bit of <paramref name="sign"/> is set, of <paramref name="no"/> elsewhere.</summary>
    static abstract TSelf SelectBySign(TSelf sign, TSelf yes, TSelf no);

    /// <summary>The magnitude of one lane with the sign of another.</summary>
    static abstract TSelf WithSignOf(TSelf magnitude, TSelf value);

    /// <summary>As <see cref="ILanes{TSelf}.Split"/>.</summary>
    static abstract TSelf Split(TSelf value, out TSelf exponent, out TSelf interval);

    /// <summary>2^-exponent, for integers from -126 to 126.</summary>
    static abstract TSelf InversePower(TSelf exponent);

    /// <summary><c>table[i]</c> of sixteen entries, i being the low four bits of each lane.</summary>
    static abstract TSelf Lookup(ReadOnlySpan<float> table, TSelf index);
}
