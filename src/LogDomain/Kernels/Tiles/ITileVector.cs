namespace LogDomain.Kernels.Tiles;

/// <summary>
/// The floats of one register. Unlike <see cref="IVector{TSelf, T}"/> there are as many as the machine's register holds, because a micro-kernel must fit its
/// registers; every lane is computed for itself, so that no bit depends on how many there are.
/// </summary>
/// <typeparam name="TSelf">The vector.</typeparam>
internal unsafe interface ITileVector<TSelf>
    where TSelf : unmanaged, ITileVector<TSelf>
{
    /// <summary>How many lanes there are.</summary>
    static abstract int Count { get; }

    /// <summary>Rows of a micro-tile, whose three vectors a row and four more fill the machine's registers: 8 of 32, 4 of 16.</summary>
    static abstract int Rows { get; }

    static abstract TSelf Create(float value);

    /// <summary>The number at the address in every lane: one load, where a number that has been loaded before would take a shuffle.</summary>
    static abstract TSelf Broadcast(float* source);

    static abstract TSelf Load(float* source);

    void Store(float* destination);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary><c>left * right + addend</c>, rounded once.</summary>
    static abstract TSelf FusedMultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>The larger; where either lane is NaN, the lane of <paramref name="right"/>.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary>The smaller; where either lane is NaN, the lane of <paramref name="right"/>.</summary>
    static abstract TSelf Min(TSelf left, TSelf right);

    static abstract TSelf Abs(TSelf value);

    /// <summary>The magnitude of one lane with the sign of another.</summary>
    static abstract TSelf WithSignOf(TSelf magnitude, TSelf value);

    /// <summary><c>value * 2^exponent</c> for integers from -151 to 128, rounded once where the result is subnormal.</summary>
    static abstract TSelf Scale(TSelf value, TSelf exponent);

    /// <summary>2^n for n from -126 to 127, the integer in the low bits of <c>n + 1.5 * 2^23 + 127</c>.</summary>
    static abstract TSelf PowerOfTwo(TSelf shifted);

    /// <summary>The lane of <paramref name="whenLess"/> where left is smaller than right, else that of <paramref name="otherwise"/>.</summary>
    static abstract TSelf SelectLess(TSelf left, TSelf right, TSelf whenLess, TSelf otherwise);

    /// <summary>Whether any lane of left is smaller than that of right.</summary>
    static abstract bool AnyLess(TSelf left, TSelf right);

    /// <summary>Whether every lane of left is smaller than that of right, and so not NaN.</summary>
    static abstract bool AllLess(TSelf left, TSelf right);

    /// <summary>Adds the lanes i, i + 8, ... to number i of eight, one after the other.</summary>
    static abstract void AddToEight(TSelf value, float* eight);
}
