using System.Numerics;
using System.Runtime.InteropServices;
using LogDomain.Kernels;

namespace LogDomain;

public readonly partial struct LogNumber<T>
{
    /// <summary>Adds two numbers by <see cref="LogMath.LogAddExp{T}(T, T)"/>: the logarithm is within 1 ULP in float, 2 in double. Commutative bit for
    /// bit.</summary>
    public static LogNumber<T> operator +(LogNumber<T> left, LogNumber<T> right) => new(LogMath.LogAddExp(left._log, right._log));

    /// <summary>Subtracts a number from another by <see cref="LogMath.LogSubExp{T}(T, T)"/>; NaN where the difference is negative, or one of infinities.</summary>
    /// <remarks>The logarithm of the difference of the numbers as they are held is within 1 ULP in float, 2 in double; what their logarithms lost before
    /// is magnified.</remarks>
    public static LogNumber<T> operator -(LogNumber<T> left, LogNumber<T> right) =>
        left._log < right._log ? NaN : new(LogMath.LogSubExp(left._log, right._log));

    /// <summary>Multiplies two numbers by adding their logarithms, which is rounded once. Zero times infinity is NaN.</summary>
    public static LogNumber<T> operator *(LogNumber<T> left, LogNumber<T> right) => new(left._log + right._log);

    /// <summary>Divides two numbers by subtracting their logarithms, which is rounded once. A quotient of zeros or of infinities is NaN.</summary>
    public static LogNumber<T> operator /(LogNumber<T> left, LogNumber<T> right) => new(left._log - right._log);

    static LogNumber<T> IUnaryPlusOperators<LogNumber<T>, LogNumber<T>>.operator +(LogNumber<T> value) => value;

    // Only for generic code: any number but zero has no negative here.
    static LogNumber<T> IUnaryNegationOperators<LogNumber<T>, LogNumber<T>>.operator -(LogNumber<T> value) => IsZero(value) ? value : NaN;

    /// <summary>Adds one.</summary>
    public static LogNumber<T> operator ++(LogNumber<T> value) => value + One;

    /// <summary>Subtracts one; NaN below zero.</summary>
    public static LogNumber<T> operator --(LogNumber<T> value) => value - One;

    static LogNumber<T> INumberBase<LogNumber<T>>.Abs(LogNumber<T> value) => value;

    /// <summary>Computes <c>1 / x</c>, exactly: the logarithm changes its sign.</summary>
    public static LogNumber<T> Reciprocal(LogNumber<T> x) => new(-x._log);

    /// <summary>Computes the square root: half the logarithm, exactly.</summary>
    public static LogNumber<T> Sqrt(LogNumber<T> x) => new(x._log * T.CreateTruncating(0.5));

    /// <summary>Raises a number to a power: <c>exponent * Log</c>, rounded once.</summary>
    /// <remarks>Special values as those of <see cref="Math.Pow"/>: any number, NaN included, to the power 0 is 1, as is 1 to any power.</remarks>
    public static LogNumber<T> Pow(LogNumber<T> x, T exponent) => T.IsZero(exponent) || T.IsZero(x._log) ? One : new(x._log * exponent);

    /// <summary>Adds numbers by <see cref="LogPrimitives.LogSumExp{T}(ReadOnlySpan{T})"/> of their logarithms; <see cref="Zero"/> for none.</summary>
    /// <remarks>The logarithm is within 1 ULP in float, and in double within 2 ULP of the largest of |Log|, the largest term's and the logarithm of the
    /// number of terms.</remarks>
    public static LogNumber<T> Sum(ReadOnlySpan<LogNumber<T>> values) => new(RowLogSumExp.Of(MemoryMarshal.Cast<LogNumber<T>, T>(values)));

    /// <summary>Multiplies numbers; <see cref="One"/> for none.</summary>
    /// <remarks>The logarithms are added in threefold double and rounded once: a million factors lose half an ULP of the logarithm together, as one does.</remarks>
    public static LogNumber<T> Product(ReadOnlySpan<LogNumber<T>> values) =>
        new(Sums.Sum(MemoryMarshal.Cast<LogNumber<T>, T>(values)).Value.RoundTo<T>());
}
