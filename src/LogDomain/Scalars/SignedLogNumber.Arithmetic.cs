namespace LogDomain;

public readonly partial struct SignedLogNumber<T>
{
    /// <summary>Adds two numbers; the logarithm is that of the exact sum of the numbers as they are held, rounded as <see cref="LogMath"/> rounds.</summary>
    /// <remarks>
    /// <see cref="LogMath.LogAddExp{T}(T, T)"/> of equal signs, <see cref="LogMath.LogSubExp{T}(T, T)"/> of unequal ones: float within 1 ULP, double
    /// within 2, also where the two nearly cancel. What the logarithms lost before is magnified there. Equal magnitudes with unequal signs give
    /// <see cref="Zero"/>, infinities NaN.
    /// </remarks>
    public static SignedLogNumber<T> operator +(SignedLogNumber<T> left, SignedLogNumber<T> right) =>
        left._isNegative == right._isNegative
            ? new(LogMath.LogAddExp(left._log, right._log), left._isNegative)
            : new(LogMath.LogSubExp(left._log, right._log), (left._log > right._log && left._isNegative) || (right._log > left._log && right._isNegative));

    /// <summary>Subtracts a number from another; see <see cref="op_Addition"/>.</summary>
    public static SignedLogNumber<T> operator -(SignedLogNumber<T> left, SignedLogNumber<T> right) => left + -right;

    /// <summary>Multiplies two numbers by adding their logarithms, which is rounded once. Zero times infinity is NaN.</summary>
    public static SignedLogNumber<T> operator *(SignedLogNumber<T> left, SignedLogNumber<T> right) =>
        new(left._log + right._log, left._isNegative ^ right._isNegative);

    /// <summary>Divides two numbers by subtracting their logarithms, which is rounded once. A quotient of zeros or of infinities is NaN.</summary>
    public static SignedLogNumber<T> operator /(SignedLogNumber<T> left, SignedLogNumber<T> right) =>
        new(left._log - right._log, left._isNegative ^ right._isNegative);

    /// <inheritdoc/>
    public static SignedLogNumber<T> operator +(SignedLogNumber<T> value) => value;

    /// <summary>Changes the sign, exactly.</summary>
    public static SignedLogNumber<T> operator -(SignedLogNumber<T> value) => new(value._log, !value._isNegative);

    /// <summary>Adds one.</summary>
    public static SignedLogNumber<T> operator ++(SignedLogNumber<T> value) => value + One;

    /// <summary>Subtracts one.</summary>
    public static SignedLogNumber<T> operator --(SignedLogNumber<T> value) => value - One;

    /// <summary>Removes the sign, exactly.</summary>
    public static SignedLogNumber<T> Abs(SignedLogNumber<T> value) => new(value._log, false);

    /// <summary>Computes <c>1 / x</c>, exactly: the logarithm changes its sign.</summary>
    public static SignedLogNumber<T> Reciprocal(SignedLogNumber<T> x) => new(-x._log, x._isNegative);

    /// <summary>Computes the square root: half the logarithm, exactly. -0 stays; other negative numbers give NaN.</summary>
    public static SignedLogNumber<T> Sqrt(SignedLogNumber<T> x) =>
        x._isNegative && !IsZero(x) ? NaN : new(x._log * T.CreateTruncating(0.5), x._isNegative);

    /// <summary>Raises a number to a power: <c>exponent * Log</c>, rounded once.</summary>
    /// <remarks>
    /// Special values as those of <see cref="Math.Pow"/>: any number, NaN included, to the power 0 is 1, as is 1 to any power. A negative number to a
    /// power that is not an integer is NaN; an odd power keeps the sign.
    /// </remarks>
    public static SignedLogNumber<T> Pow(SignedLogNumber<T> x, T exponent)
    {
        bool isOdd = T.IsOddInteger(exponent);
        if (T.IsZero(exponent) || (T.IsZero(x._log) && (!x._isNegative || T.IsInfinity(exponent))))
        {
            return One;
        }

        bool isRoot = T.IsFinite(exponent) && !T.IsInteger(exponent);
        return x._isNegative && isRoot && T.IsFinite(x._log) ? NaN : new(x._log * exponent, x._isNegative && isOdd);
    }
}
