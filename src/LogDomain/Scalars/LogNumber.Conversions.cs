using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace LogDomain;

public readonly partial struct LogNumber<T>
{
    /// <summary>Converts a value as <see cref="FromValue"/> does: a negative one to NaN.</summary>
    public static explicit operator LogNumber<T>(T value) => FromValue(value);

    /// <inheritdoc cref="SignedLogNumber{T}.op_Explicit(SignedLogNumber{T})"/>
    public static explicit operator T(LogNumber<T> value) => value.Value;

    /// <summary>Converts exactly.</summary>
    public static implicit operator SignedLogNumber<T>(LogNumber<T> value) => value.Signed;

    /// <summary>Converts exactly; a negative number to NaN, zero of either sign to zero.</summary>
    public static explicit operator LogNumber<T>(SignedLogNumber<T> value) =>
        IsBelowZero(value) ? NaN : new(value.Log);

    /// <summary>Converts exactly; zero of either sign to zero.</summary>
    /// <exception cref="OverflowException">The number is negative.</exception>
    public static explicit operator checked LogNumber<T>(SignedLogNumber<T> value) =>
        IsBelowZero(value) ? throw new OverflowException($"The number is {value}, but a {typeof(LogNumber<T>)} is not negative.") : new(value.Log);

    /// <inheritdoc cref="INumberBase{TSelf}.CreateChecked{TOther}(TOther)"/>
    /// <exception cref="OverflowException">The value is negative.</exception>
    public static LogNumber<T> CreateChecked<TOther>(TOther value)
        where TOther : INumberBase<TOther> =>
        TryConvertFromChecked(value, out LogNumber<T> result) || TOther.TryConvertToChecked(value, out result) ? result : throw NotSupported<TOther>();

    /// <summary>Converts a value; a negative one to <see cref="Zero"/>.</summary>
    public static LogNumber<T> CreateSaturating<TOther>(TOther value)
        where TOther : INumberBase<TOther> =>
        TryConvertFromSaturating(value, out LogNumber<T> result) || TOther.TryConvertToSaturating(value, out result) ? result : throw NotSupported<TOther>();

    /// <summary>Converts a value; a negative one to <see cref="NaN"/>, as the cast does.</summary>
    public static LogNumber<T> CreateTruncating<TOther>(TOther value)
        where TOther : INumberBase<TOther> =>
        TryConvertFromTruncating(value, out LogNumber<T> result) || TOther.TryConvertToTruncating(value, out result) ? result : throw NotSupported<TOther>();

    static bool INumberBase<LogNumber<T>>.TryConvertFromChecked<TOther>(TOther value, out LogNumber<T> result) => TryConvertFromChecked(value, out result);

    static bool INumberBase<LogNumber<T>>.TryConvertFromSaturating<TOther>(TOther value, out LogNumber<T> result) => TryConvertFromSaturating(value, out result);

    static bool INumberBase<LogNumber<T>>.TryConvertFromTruncating<TOther>(TOther value, out LogNumber<T> result) => TryConvertFromTruncating(value, out result);

    static bool INumberBase<LogNumber<T>>.TryConvertToChecked<TOther>(LogNumber<T> value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateChecked(value.Signed);
        return true;
    }

    static bool INumberBase<LogNumber<T>>.TryConvertToSaturating<TOther>(LogNumber<T> value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateSaturating(value.Signed);
        return true;
    }

    static bool INumberBase<LogNumber<T>>.TryConvertToTruncating<TOther>(LogNumber<T> value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateTruncating(value.Signed);
        return true;
    }

    private static bool TryConvertFromChecked<TOther>(TOther value, out LogNumber<T> result)
    {
        bool isKnown = SignedLogNumber<T>.TryConvertFrom(value, out SignedLogNumber<T> converted);
        result = checked((LogNumber<T>)converted);
        return isKnown;
    }

    private static bool TryConvertFromSaturating<TOther>(TOther value, out LogNumber<T> result)
    {
        bool isKnown = SignedLogNumber<T>.TryConvertFrom(value, out SignedLogNumber<T> converted);
        result = IsBelowZero(converted) ? Zero : new(converted.Log);
        return isKnown;
    }

    private static bool TryConvertFromTruncating<TOther>(TOther value, out LogNumber<T> result)
    {
        bool isKnown = SignedLogNumber<T>.TryConvertFrom(value, out SignedLogNumber<T> converted);
        result = (LogNumber<T>)converted;
        return isKnown;
    }

    private static bool IsBelowZero(SignedLogNumber<T> value) => value < SignedLogNumber<T>.Zero;

    private static NotSupportedException NotSupported<TOther>() => new($"{typeof(TOther)} does not convert to {typeof(LogNumber<T>)}.");
}
