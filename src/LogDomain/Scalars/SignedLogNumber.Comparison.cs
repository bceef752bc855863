namespace LogDomain;

public readonly partial struct SignedLogNumber<T>
{
    /// <summary>Tells whether two numbers are equal: zeros of either sign are, NaN equals nothing.</summary>
    public static bool operator ==(SignedLogNumber<T> left, SignedLogNumber<T> right) =>
        left._log == right._log && (left._isNegative == right._isNegative || IsZero(left));

    /// <inheritdoc/>
    public static bool operator !=(SignedLogNumber<T> left, SignedLogNumber<T> right) => !(left == right);

    /// <inheritdoc/>
    public static bool operator <(SignedLogNumber<T> left, SignedLogNumber<T> right) => AreOrdered(left, right) && Order(left, right) < 0;

    /// <inheritdoc/>
    public static bool operator >(SignedLogNumber<T> left, SignedLogNumber<T> right) => AreOrdered(left, right) && Order(left, right) > 0;

    /// <inheritdoc/>
    public static bool operator <=(SignedLogNumber<T> left, SignedLogNumber<T> right) => AreOrdered(left, right) && Order(left, right) <= 0;

    /// <inheritdoc/>
    public static bool operator >=(SignedLogNumber<T> left, SignedLogNumber<T> right) => AreOrdered(left, right) && Order(left, right) >= 0;

    /// <summary>Orders numbers; NaN equals NaN and comes before every number, zeros of either sign are equal.</summary>
    public int CompareTo(SignedLogNumber<T> other) => AreOrdered(this, other) ? Order(this, other) : IsNaN(other).CompareTo(IsNaN(this));

    /// <inheritdoc cref="CompareTo(SignedLogNumber{T})"/>
    /// <exception cref="ArgumentException">The object is no <see cref="SignedLogNumber{T}"/>.</exception>
    public int CompareTo(object? obj) => obj switch
    {
        null => 1,
        SignedLogNumber<T> other => CompareTo(other),
        _ => throw new ArgumentException($"The object is of type {obj.GetType()}, but must be a {typeof(SignedLogNumber<T>)}.", nameof(obj)),
    };

    /// <summary>Tells whether two numbers are equal; NaN equals NaN here, and zeros of either sign are equal.</summary>
    public bool Equals(SignedLogNumber<T> other) => this == other || (IsNaN(this) && IsNaN(other));

    /// <inheritdoc cref="Equals(SignedLogNumber{T})"/>
    public override bool Equals(object? obj) => obj is SignedLogNumber<T> other && Equals(other);

    /// <summary>Equal for equal numbers: the same for every NaN, and for both zeros.</summary>
    public override int GetHashCode() => _isNegative && !IsZero(this) && !IsNaN(this) ? ~_log.GetHashCode() : _log.GetHashCode();

    /// <summary>Returns -1, 0 or 1.</summary>
    /// <exception cref="ArithmeticException">The value is NaN.</exception>
    public static int Sign(SignedLogNumber<T> value) =>
        IsNaN(value) ? throw new ArithmeticException("The value is NaN, which has no sign.")
        : IsZero(value) ? 0
        : value._isNegative ? -1 : 1;

    /// <summary>Returns the larger of two numbers; NaN if one is NaN. 0 is larger than -0.</summary>
    public static SignedLogNumber<T> Max(SignedLogNumber<T> x, SignedLogNumber<T> y) =>
        IsNaN(x) || x > y || (x == y && !x._isNegative) ? x : y;

    /// <summary>Returns the smaller of two numbers; NaN if one is NaN. -0 is smaller than 0.</summary>
    public static SignedLogNumber<T> Min(SignedLogNumber<T> x, SignedLogNumber<T> y) =>
        IsNaN(x) || x < y || (x == y && x._isNegative) ? x : y;

    /// <summary>Returns the number of larger magnitude, the positive one of equal magnitudes; NaN if one is NaN.</summary>
    public static SignedLogNumber<T> MaxMagnitude(SignedLogNumber<T> x, SignedLogNumber<T> y) =>
        IsNaN(x) || x._log > y._log || (x._log == y._log && !x._isNegative) ? x : y;

    /// <summary>Returns the number of larger magnitude, the positive one of equal magnitudes; the other number if one is NaN.</summary>
    public static SignedLogNumber<T> MaxMagnitudeNumber(SignedLogNumber<T> x, SignedLogNumber<T> y) => IsNaN(x) ? y : IsNaN(y) ? x : MaxMagnitude(x, y);

    /// <summary>Returns the number of smaller magnitude, the negative one of equal magnitudes; NaN if one is NaN.</summary>
    public static SignedLogNumber<T> MinMagnitude(SignedLogNumber<T> x, SignedLogNumber<T> y) =>
        IsNaN(x) || x._log < y._log || (x._log == y._log && x._isNegative) ? x : y;

    /// <summary>Returns the number of smaller magnitude, the negative one of equal magnitudes; the other number if one is NaN.</summary>
    public static SignedLogNumber<T> MinMagnitudeNumber(SignedLogNumber<T> x, SignedLogNumber<T> y) => IsNaN(x) ? y : IsNaN(y) ? x : MinMagnitude(x, y);

    private static bool AreOrdered(SignedLogNumber<T> left, SignedLogNumber<T> right) => !IsNaN(left) && !IsNaN(right);

    private static int Order(SignedLogNumber<T> left, SignedLogNumber<T> right) =>
        left == right ? 0
        : left._isNegative != right._isNegative ? (left._isNegative ? -1 : 1)
        : left._log < right._log == left._isNegative ? 1 : -1;
}
