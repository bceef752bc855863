using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace LogDomain;

public readonly partial struct SignedLogNumber<T>
{
    /// <summary>Converts a value as <see cref="FromValue"/> does.</summary>
    public static explicit operator SignedLogNumber<T>(T value) => FromValue(value);

    /// <summary>Returns <see cref="Value"/>.</summary>
    /// <remarks>
    /// A cast on to an integer cuts off what the rounding of the logarithm has put below it: <c>(int)</c> of 3 may be 2. <c>int.CreateTruncating</c> and
    /// its siblings return 3: a number that an integer converts to converts back to it.
    /// </remarks>
    public static explicit operator T(SignedLogNumber<T> value) => value.Value;

    /// <inheritdoc cref="INumberBase{TSelf}.CreateChecked{TOther}(TOther)"/>
    public static SignedLogNumber<T> CreateChecked<TOther>(TOther value)
        where TOther : INumberBase<TOther> =>
        TryConvertFrom(value, out SignedLogNumber<T> result) || TOther.TryConvertToChecked(value, out result) ? result : throw NotSupported<TOther>();

    /// <inheritdoc cref="INumberBase{TSelf}.CreateSaturating{TOther}(TOther)"/>
    public static SignedLogNumber<T> CreateSaturating<TOther>(TOther value)
        where TOther : INumberBase<TOther> =>
        TryConvertFrom(value, out SignedLogNumber<T> result) || TOther.TryConvertToSaturating(value, out result) ? result : throw NotSupported<TOther>();

    /// <inheritdoc cref="INumberBase{TSelf}.CreateTruncating{TOther}(TOther)"/>
    public static SignedLogNumber<T> CreateTruncating<TOther>(TOther value)
        where TOther : INumberBase<TOther> =>
        TryConvertFrom(value, out SignedLogNumber<T> result) || TOther.TryConvertToTruncating(value, out result) ? result : throw NotSupported<TOther>();

    static bool INumberBase<SignedLogNumber<T>>.TryConvertFromChecked<TOther>(TOther value, out SignedLogNumber<T> result) => TryConvertFrom(value, out result);

    static bool INumberBase<SignedLogNumber<T>>.TryConvertFromSaturating<TOther>(TOther value, out SignedLogNumber<T> result) => TryConvertFrom(value, out result);

    static bool INumberBase<SignedLogNumber<T>>.TryConvertFromTruncating<TOther>(TOther value, out SignedLogNumber<T> result) => TryConvertFrom(value, out result);

    // What the other type does with a double that is out of its range it does with this number. It throws where no other way is left.
    static bool INumberBase<SignedLogNumber<T>>.TryConvertToChecked<TOther>(SignedLogNumber<T> value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateChecked(value.ToDouble<TOther>());
        return true;
    }

    static bool INumberBase<SignedLogNumber<T>>.TryConvertToSaturating<TOther>(SignedLogNumber<T> value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateSaturating(value.ToDouble<TOther>());
        return true;
    }

    static bool INumberBase<SignedLogNumber<T>>.TryConvertToTruncating<TOther>(SignedLogNumber<T> value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateTruncating(value.ToDouble<TOther>());
        return true;
    }

    // Every number of these types is in range, so that checked, saturating and truncating are one. The compiler folds the switch to its one case.
    internal static bool TryConvertFrom<TOther>(TOther value, out SignedLogNumber<T> result)
    {
        SignedLogNumber<T>? converted = value switch
        {
            ILogNumber x => new(T.CreateTruncating(x.Log), x.IsNegative),
            BigInteger x => new(T.CreateTruncating(DecimalText.Log(BigInteger.Abs(x), 0).Value), x.Sign < 0),
            // Through its digits: near 1 the rounding to double would cost all digits of the logarithm.
            decimal x => Parse(x.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            double x => FromDouble(x),
            float x => FromDouble(x),
            Half x => FromDouble((double)x),
            BFloat16 x => FromDouble((double)x),
            byte x => FromDouble(x),
            sbyte x => FromDouble(x),
            char x => FromDouble(x),
            short x => FromDouble(x),
            ushort x => FromDouble(x),
            int x => FromDouble(x),
            uint x => FromDouble(x),
            long x => FromDouble(x),
            ulong x => FromDouble(x),
            nint x => FromDouble(x),
            nuint x => FromDouble(x),
            Int128 x => FromDouble((double)x),
            UInt128 x => FromDouble((double)x),
            _ => null,
        };
        result = converted ?? Zero;
        return converted.HasValue;
    }

    internal static NotSupportedException NotSupported<TOther>() => new($"{typeof(TOther)} does not convert to {typeof(SignedLogNumber<T>)}.");

    /// <summary>The value; for a type of integers, which are those types that have no half, the integer that converts to this number if there is one.</summary>
    private double ToDouble<TOther>()
        where TOther : INumberBase<TOther> => TOther.IsZero(TOther.CreateTruncating(0.5)) ? ToNearestInteger() : ToDouble();
}
