using System.Numerics;

namespace LogDomain;

/// <summary>A number that is not negative, held as its logarithm: a product of ten thousand probabilities does not become 0 in it.</summary>
/// <typeparam name="T">The type of the logarithm: <see cref="float"/>, <see cref="double"/>, <see cref="Half"/> or <see cref="BFloat16"/>.</typeparam>
/// <remarks>
/// <para>
/// It reaches from e^-MaxValue to e^MaxValue of <typeparamref name="T"/>. Multiplication adds the logarithms, addition is
/// <see cref="LogMath.LogAddExp{T}(T, T)"/>. A difference below zero is NaN: use <see cref="SignedLogNumber{T}"/> where that may happen. Generic code for
/// an <see cref="INumberBase{TSelf}"/> runs on both.
/// </para>
/// <para>
/// Accuracy is counted in ULPs of the logarithm. The value then has a relative error of an ULP of the logarithm: for <see cref="double"/> and values
/// around e^±10,000 about 1e-12, around e^±1 about 1e-16.
/// </para>
/// <para>
/// It is laid out as its logarithm, so that a span of it can be cast to a span of <typeparamref name="T"/>. Zero is -infinity there, infinity and NaN are
/// themselves. <c>default</c> is <see cref="One"/>, whose logarithm is 0, not <see cref="Zero"/>: start a sum at <see cref="Zero"/>.
/// </para>
/// </remarks>
public readonly partial struct LogNumber<T> :
    INumberBase<LogNumber<T>>,
    IComparisonOperators<LogNumber<T>, LogNumber<T>, bool>,
    IComparable<LogNumber<T>>,
    IComparable,
    ILogNumber
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T _log;

    private LogNumber(T log) => _log = log;

    /// <summary>Zero: its logarithm is -infinity.</summary>
    public static LogNumber<T> Zero => new(T.NegativeInfinity);

    /// <summary>One: its logarithm is 0.</summary>
    public static LogNumber<T> One => new(T.Zero);

    /// <summary>Infinity.</summary>
    public static LogNumber<T> PositiveInfinity => new(T.PositiveInfinity);

    /// <summary>Not a number.</summary>
    public static LogNumber<T> NaN => new(T.NaN);

    static LogNumber<T> IAdditiveIdentity<LogNumber<T>, LogNumber<T>>.AdditiveIdentity => Zero;

    static LogNumber<T> IMultiplicativeIdentity<LogNumber<T>, LogNumber<T>>.MultiplicativeIdentity => One;

    static int INumberBase<LogNumber<T>>.Radix => T.Radix;

    /// <summary>The natural logarithm, exactly as it is held; -infinity for zero.</summary>
    public T Log => _log;

    /// <inheritdoc cref="SignedLogNumber{T}.Value"/>
    public T Value => Signed.Value;

    double ILogNumber.Log => double.CreateTruncating(_log);

    bool ILogNumber.IsNegative => false;

    /// <summary>Returns the number <c>e^log</c>, exactly.</summary>
    public static LogNumber<T> FromLog(T log) => new(log);

    /// <summary>Returns a number given by its value; NaN for a negative one.</summary>
    /// <remarks>The logarithm is within 1 ULP.</remarks>
    public static LogNumber<T> FromValue(T value) => (LogNumber<T>)SignedLogNumber<T>.FromValue(value);

    /// <summary>Tells whether a number is neither infinite nor NaN.</summary>
    public static bool IsFinite(LogNumber<T> value) => value._log < T.PositiveInfinity;

    /// <summary>Tells whether a number is infinity.</summary>
    public static bool IsInfinity(LogNumber<T> value) => T.IsPositiveInfinity(value._log);

    /// <summary>Tells whether a value is not a number.</summary>
    public static bool IsNaN(LogNumber<T> value) => T.IsNaN(value._log);

    /// <summary>Tells whether a number is zero.</summary>
    public static bool IsZero(LogNumber<T> value) => T.IsNegativeInfinity(value._log);

    /// <summary>Tells whether a value is not NaN.</summary>
    public static bool IsRealNumber(LogNumber<T> value) => !IsNaN(value);

    /// <inheritdoc cref="SignedLogNumber{T}.IsNormal"/>
    public static bool IsNormal(LogNumber<T> value) => T.IsFinite(value._log);

    /// <inheritdoc cref="SignedLogNumber{T}.IsInteger"/>
    public static bool IsInteger(LogNumber<T> value) => SignedLogNumber<T>.IsInteger(value);

    /// <inheritdoc cref="SignedLogNumber{T}.IsEvenInteger"/>
    public static bool IsEvenInteger(LogNumber<T> value) => SignedLogNumber<T>.IsEvenInteger(value);

    /// <inheritdoc cref="SignedLogNumber{T}.IsOddInteger"/>
    public static bool IsOddInteger(LogNumber<T> value) => SignedLogNumber<T>.IsOddInteger(value);

    static bool INumberBase<LogNumber<T>>.IsCanonical(LogNumber<T> value) => true;

    static bool INumberBase<LogNumber<T>>.IsComplexNumber(LogNumber<T> value) => false;

    static bool INumberBase<LogNumber<T>>.IsImaginaryNumber(LogNumber<T> value) => false;

    static bool INumberBase<LogNumber<T>>.IsNegative(LogNumber<T> value) => false;

    static bool INumberBase<LogNumber<T>>.IsNegativeInfinity(LogNumber<T> value) => false;

    static bool INumberBase<LogNumber<T>>.IsPositive(LogNumber<T> value) => true;

    static bool INumberBase<LogNumber<T>>.IsPositiveInfinity(LogNumber<T> value) => IsInfinity(value);

    static bool INumberBase<LogNumber<T>>.IsSubnormal(LogNumber<T> value) => false;

    private SignedLogNumber<T> Signed => SignedLogNumber<T>.FromLog(_log);
}
