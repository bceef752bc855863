using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Elementwise;

namespace LogDomain;

/// <summary>A real number held as the logarithm of its magnitude, and a sign: what a <see cref="LogNumber{T}"/> is, with subtraction.</summary>
/// <typeparam name="T">The type of the logarithm: <see cref="float"/>, <see cref="double"/>, <see cref="Half"/> or <see cref="BFloat16"/>.</typeparam>
/// <remarks>
/// <para>
/// Its magnitude reaches from e^-MaxValue to e^MaxValue of <typeparamref name="T"/>. It is an <see cref="INumberBase{TSelf}"/>, so that generic code for
/// numbers runs on it.
/// </para>
/// <para>
/// Accuracy is counted in ULPs of the logarithm. The value then has a relative error of an ULP of the logarithm: for <see cref="double"/> and magnitudes
/// around e^±10,000 about 1e-12, around e^±1 about 1e-16. A difference of nearly equal numbers magnifies this, as any subtraction does.
/// </para>
/// <para>
/// Infinities, NaN and the two zeros follow IEEE 754: the logarithm of zero is -infinity, and zero keeps its sign. <c>default</c> is <see cref="One"/>,
/// whose logarithm is 0, not <see cref="Zero"/>: start a sum at <see cref="Zero"/>.
/// </para>
/// </remarks>
public readonly partial struct SignedLogNumber<T> :
    ISignedNumber<SignedLogNumber<T>>,
    IComparisonOperators<SignedLogNumber<T>, SignedLogNumber<T>, bool>,
    IComparable<SignedLogNumber<T>>,
    IComparable,
    ILogNumber
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T _log;
    private readonly bool _isNegative;

    private SignedLogNumber(T log, bool isNegative) => (_log, _isNegative) = (log, isNegative);

    /// <summary>Zero: its logarithm is -infinity.</summary>
    public static SignedLogNumber<T> Zero => new(T.NegativeInfinity, false);

    /// <summary>Zero with a negative sign, which equals <see cref="Zero"/>.</summary>
    public static SignedLogNumber<T> NegativeZero => new(T.NegativeInfinity, true);

    /// <summary>One: its logarithm is 0.</summary>
    public static SignedLogNumber<T> One => new(T.Zero, false);

    /// <summary>Minus one.</summary>
    public static SignedLogNumber<T> NegativeOne => new(T.Zero, true);

    /// <summary>Infinity.</summary>
    public static SignedLogNumber<T> PositiveInfinity => new(T.PositiveInfinity, false);

    /// <summary>Negative infinity.</summary>
    public static SignedLogNumber<T> NegativeInfinity => new(T.PositiveInfinity, true);

    /// <summary>Not a number.</summary>
    public static SignedLogNumber<T> NaN => new(T.NaN, false);

    static SignedLogNumber<T> IAdditiveIdentity<SignedLogNumber<T>, SignedLogNumber<T>>.AdditiveIdentity => Zero;

    static SignedLogNumber<T> IMultiplicativeIdentity<SignedLogNumber<T>, SignedLogNumber<T>>.MultiplicativeIdentity => One;

    static int INumberBase<SignedLogNumber<T>>.Radix => T.Radix;

    /// <summary>The natural logarithm of the magnitude, exactly as it is held; -infinity for zero.</summary>
    public T Log => _log;

    /// <summary>The number itself, <c>±e^Log</c>, rounded to <typeparamref name="T"/>: 0 or infinity where it is out of range.</summary>
    /// <remarks>Float, Half and BFloat16 are computed in double and rounded once; double is within 1 ULP.</remarks>
    public T Value => T.CreateTruncating(ToDouble());

    double ILogNumber.Log => double.CreateTruncating(_log);

    bool ILogNumber.IsNegative => _isNegative;

    /// <summary>Returns the number <c>sign * e^log</c>, exactly.</summary>
    /// <param name="log">The natural logarithm of the magnitude; -infinity for zero.</param>
    /// <param name="sign">Of this number only the sign counts; 0 gives <see cref="Zero"/>, so that a log-determinant or a signed log-sum-exp can be handed
    /// over.</param>
    public static SignedLogNumber<T> FromLog(T log, int sign = 1) => sign == 0 && !T.IsNaN(log) ? Zero : new(log, sign < 0);

    /// <summary>Returns a number given by its value.</summary>
    /// <remarks>The logarithm is within 1 ULP.</remarks>
    public static SignedLogNumber<T> FromValue(T value) => FromDouble(double.CreateTruncating(value));

    /// <summary>Tells whether a number is neither infinite nor NaN.</summary>
    public static bool IsFinite(SignedLogNumber<T> value) => value._log < T.PositiveInfinity;

    /// <summary>Tells whether a number is infinity or negative infinity.</summary>
    public static bool IsInfinity(SignedLogNumber<T> value) => T.IsPositiveInfinity(value._log);

    /// <summary>Tells whether a number is infinity.</summary>
    public static bool IsPositiveInfinity(SignedLogNumber<T> value) => IsInfinity(value) && !value._isNegative;

    /// <summary>Tells whether a number is negative infinity.</summary>
    public static bool IsNegativeInfinity(SignedLogNumber<T> value) => IsInfinity(value) && value._isNegative;

    /// <summary>Tells whether a value is not a number.</summary>
    public static bool IsNaN(SignedLogNumber<T> value) => T.IsNaN(value._log);

    /// <summary>Tells whether a number is zero of either sign.</summary>
    public static bool IsZero(SignedLogNumber<T> value) => T.IsNegativeInfinity(value._log);

    /// <summary>Tells whether the sign is negative; also that of zero and NaN.</summary>
    public static bool IsNegative(SignedLogNumber<T> value) => value._isNegative;

    /// <summary>Tells whether the sign is positive; also that of zero and NaN.</summary>
    public static bool IsPositive(SignedLogNumber<T> value) => !value._isNegative;

    /// <summary>Tells whether a value is not NaN.</summary>
    public static bool IsRealNumber(SignedLogNumber<T> value) => !IsNaN(value);

    /// <summary>Tells whether a number is finite and not zero: there is no gradual underflow.</summary>
    public static bool IsNormal(SignedLogNumber<T> value) => T.IsFinite(value._log);

    /// <summary>Tells whether this is the number that an integer converts to. As with floats, all very large numbers are such.</summary>
    public static bool IsInteger(SignedLogNumber<T> value) => IsFinite(value) && (value.IsBeyondDouble || double.IsInteger(value.ToNearestInteger()));

    /// <summary>Tells whether this is the number that an even integer converts to. As with floats, all very large numbers are such.</summary>
    public static bool IsEvenInteger(SignedLogNumber<T> value) => IsFinite(value) && (value.IsBeyondDouble || double.IsEvenInteger(value.ToNearestInteger()));

    /// <summary>Tells whether this is the number that an odd integer converts to.</summary>
    public static bool IsOddInteger(SignedLogNumber<T> value) => double.IsOddInteger(value.ToNearestInteger());

    static bool INumberBase<SignedLogNumber<T>>.IsCanonical(SignedLogNumber<T> value) => true;

    static bool INumberBase<SignedLogNumber<T>>.IsComplexNumber(SignedLogNumber<T> value) => false;

    static bool INumberBase<SignedLogNumber<T>>.IsImaginaryNumber(SignedLogNumber<T> value) => false;

    static bool INumberBase<SignedLogNumber<T>>.IsSubnormal(SignedLogNumber<T> value) => false;

    private bool IsBeyondDouble => double.IsInfinity(ToDouble());

    private static SignedLogNumber<T> FromDouble(double value) => new(LogOf(Math.Abs(value)), double.IsNegative(value));

    /// <summary>The logarithm of a number that is not negative, rounded to T.</summary>
    private static T LogOf(double magnitude) =>
        magnitude > 0 ? T.CreateTruncating(Scalar.Log(magnitude))
        : magnitude == 0 ? T.NegativeInfinity : T.NaN;

    private double ToDouble()
    {
        double magnitude = ScalarFunctions.Exp(double.CreateTruncating(_log));
        return _isNegative ? -magnitude : magnitude;
    }

    /// <summary>
    /// The nearest integer if it converts to this very number, else the value. The logarithm of 3 is rounded, so that its exponential may be a little
    /// below 3; cut off it would be 2.
    /// </summary>
    private double ToNearestInteger()
    {
        double value = ToDouble(), nearest = Math.Round(value);
        return LogOf(Math.Abs(nearest)) == _log ? nearest : value;
    }
}
