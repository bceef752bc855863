using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>
/// A vector with the same number of lanes on every machine: 16 of <see cref="float"/>, 8 of <see cref="double"/> (one AVX-512
/// register, or two of 256 bits). A kernel written over this interface is compiled once for each width, at the speed of
/// intrinsics written by hand, and has the same bits everywhere, because lanes and their order never change.
/// </summary>
/// <typeparam name="TSelf">The vector.</typeparam>
/// <typeparam name="T">Its element.</typeparam>
internal unsafe interface IVector<TSelf, T>
    where TSelf : unmanaged, IVector<TSelf, T>
    where T : unmanaged
{
    /// <summary>How many lanes there are.</summary>
    static abstract int Count { get; }

    /// <summary>The value in every lane, rounded to <typeparamref name="T"/>.</summary>
    static abstract TSelf Create(double value);

    /// <summary>
    /// The same for a value known only at run time. The conversion of one number keeps the other half of its register, and so would wait for what
    /// the row before has left there: rows would run one after the other.
    /// </summary>
    static abstract TSelf Broadcast(double value);

    /// <summary>The number at the address in every lane.</summary>
    static abstract TSelf Broadcast(T* source);

    /// <summary>The value rounded to <typeparamref name="T"/>, without waiting either.</summary>
    static abstract double Round(double value);

    /// <summary>Eight numbers, rounded, in the first lanes; zeros in any others.</summary>
    static abstract TSelf Create(Vector512<double> values);

    /// <summary>The first eight lanes.</summary>
    Vector512<double> FirstEight();

    /// <summary>Lane i holds <c>source[i]</c>.</summary>
    static abstract TSelf Load(T* source);

    /// <summary>Writes lane i to <c>destination[i]</c>.</summary>
    void Store(T* destination);

    /// <summary>Lane i holds <c>source[i]</c> for i below <paramref name="count"/>, of any size, and -infinity elsewhere. Reads nothing else.</summary>
    static abstract TSelf LoadFirst(T* source, int count);

    /// <summary>Writes lane i to <c>destination[i]</c> for i below <paramref name="count"/>, and nothing else.</summary>
    void StoreFirst(T* destination, int count);

    /// <summary>Asks for the memory that <see cref="Load"/> would read; any address will do.</summary>
    static abstract void Prefetch(T* source);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    /// <summary><c>left * right + addend</c>, rounded once. Never the estimate: it would cost the bits their sameness.</summary>
    static abstract TSelf FusedMultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>The larger; where either lane is NaN, the lane of <paramref name="right"/>. So with data on the right a NaN stays.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary>The smaller; where either lane is NaN, the lane of <paramref name="right"/>.</summary>
    static abstract TSelf Min(TSelf left, TSelf right);

    /// <summary>2^(z/8) to the nearest element, z being the integer in the low bits of <c>z + 1.5 * 2^(precision - 1)</c>.</summary>
    static abstract TSelf PowerOfTwo(TSelf shiftedZ);

    /// <summary>How far <see cref="PowerOfTwo"/> is from the true power, as a part of it.</summary>
    static abstract TSelf PowerOfTwoError(TSelf shiftedZ);

    /// <summary>The largest of all lanes.</summary>
    static abstract double Largest(TSelf value);

    /// <summary>The two largest of all lanes, given the largest and the second largest of what each lane has seen.</summary>
    static abstract (double First, double Second) TwoLargest(TSelf first, TSelf second);

    /// <summary>
    /// The sum of all lanes of two vectors as (high, low). Halves are folded onto each other until one lane is left, in this
    /// order on every machine. Float: in double, where nothing is left over; double: with what each addition lost.
    /// </summary>
    static abstract (double High, double Low) Total(TSelf sum, TSelf rest);

    /// <summary><see cref="Largest"/> of eight vectors at once: lane r is that of vector r.</summary>
    static abstract Vector512<double> LargestOfEach(TSelf* values);

    /// <summary><see cref="TwoLargest"/> of eight pairs of vectors at once.</summary>
    static abstract void TwoLargestOfEach(TSelf* firsts, TSelf* seconds, double* first, double* second);

    /// <summary><see cref="Total"/> of eight pairs of vectors at once.</summary>
    static abstract void TotalOfEach(TSelf* sums, TSelf* rests, double* highs, double* lows);
}
