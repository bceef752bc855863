using System.Numerics;

namespace LogDomain;

public readonly partial struct LogNumber<T>
{
    /// <summary>Tells whether two numbers are equal; NaN equals nothing.</summary>
    public static bool operator ==(LogNumber<T> left, LogNumber<T> right) => left._log == right._log;

    /// <inheritdoc/>
    public static bool operator !=(LogNumber<T> left, LogNumber<T> right) => left._log != right._log;

    /// <inheritdoc/>
    public static bool operator <(LogNumber<T> left, LogNumber<T> right) => left._log < right._log;

    /// <inheritdoc/>
    public static bool operator >(LogNumber<T> left, LogNumber<T> right) => left._log > right._log;

    /// <inheritdoc/>
    public static bool operator <=(LogNumber<T> left, LogNumber<T> right) => left._log <= right._log;

    /// <inheritdoc/>
    public static bool operator >=(LogNumber<T> left, LogNumber<T> right) => left._log >= right._log;

    /// <summary>Orders numbers; NaN equals NaN and comes before every number.</summary>
    public int CompareTo(LogNumber<T> other) => _log.CompareTo(other._log);

    /// <inheritdoc cref="CompareTo(LogNumber{T})"/>
    /// <exception cref="ArgumentException">The object is no <see cref="LogNumber{T}"/>.</exception>
    public int CompareTo(object? obj) => obj switch
    {
        null => 1,
        LogNumber<T> other => CompareTo(other),
        _ => throw new ArgumentException($"The object is of type {obj.GetType()}, but must be a {typeof(LogNumber<T>)}.", nameof(obj)),
    };

    /// <summary>Tells whether two numbers are equal; NaN equals NaN here.</summary>
    public bool Equals(LogNumber<T> other) => _log.Equals(other._log);

    /// <inheritdoc cref="Equals(LogNumber{T})"/>
    public override bool Equals(object? obj) => obj is LogNumber<T> other && Equals(other);

    /// <summary>Equal for equal numbers: the same for every NaN.</summary>
    public override int GetHashCode() => _log.GetHashCode();

    /// <summary>Returns the larger of two numbers; NaN if one is NaN.</summary>
    public static LogNumber<T> Max(LogNumber<T> x, LogNumber<T> y) => new(T.Max(x._log, y._log));

    /// <summary>Returns the smaller of two numbers; NaN if one is NaN.</summary>
    public static LogNumber<T> Min(LogNumber<T> x, LogNumber<T> y) => new(T.Min(x._log, y._log));

    static LogNumber<T> INumberBase<LogNumber<T>>.MaxMagnitude(LogNumber<T> x, LogNumber<T> y) => Max(x, y);

    static LogNumber<T> INumberBase<LogNumber<T>>.MaxMagnitudeNumber(LogNumber<T> x, LogNumber<T> y) => new(T.MaxNumber(x._log, y._log));

    static LogNumber<T> INumberBase<LogNumber<T>>.MinMagnitude(LogNumber<T> x, LogNumber<T> y) => Min(x, y);

    static LogNumber<T> INumberBase<LogNumber<T>>.MinMagnitudeNumber(LogNumber<T> x, LogNumber<T> y) => new(T.MinNumber(x._log, y._log));
}
