using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace LogDomain;

public readonly partial struct BFloat16
{
    /// <inheritdoc cref="INumberBase{TSelf}.CreateChecked{TOther}(TOther)"/>
    public static BFloat16 CreateChecked<TOther>(TOther value)
        where TOther : INumberBase<TOther> =>
        TryConvertFrom(value, out BFloat16 result) || TOther.TryConvertToChecked(value, out result) ? result : throw NotSupported<TOther>();

    /// <inheritdoc cref="INumberBase{TSelf}.CreateSaturating{TOther}(TOther)"/>
    public static BFloat16 CreateSaturating<TOther>(TOther value)
        where TOther : INumberBase<TOther> =>
        TryConvertFrom(value, out BFloat16 result) || TOther.TryConvertToSaturating(value, out result) ? result : throw NotSupported<TOther>();

    /// <inheritdoc cref="INumberBase{TSelf}.CreateTruncating{TOther}(TOther)"/>
    public static BFloat16 CreateTruncating<TOther>(TOther value)
        where TOther : INumberBase<TOther> =>
        TryConvertFrom(value, out BFloat16 result) || TOther.TryConvertToTruncating(value, out result) ? result : throw NotSupported<TOther>();

    static bool INumberBase<BFloat16>.TryConvertFromChecked<TOther>(TOther value, out BFloat16 result) => TryConvertFrom(value, out result);

    static bool INumberBase<BFloat16>.TryConvertFromSaturating<TOther>(TOther value, out BFloat16 result) => TryConvertFrom(value, out result);

    static bool INumberBase<BFloat16>.TryConvertFromTruncating<TOther>(TOther value, out BFloat16 result) => TryConvertFrom(value, out result);

    // Every BFloat16 is a float, so that the other type's conversion of that float is the conversion. It throws where no other way is left.
    static bool INumberBase<BFloat16>.TryConvertToChecked<TOther>(BFloat16 value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateChecked((float)value);
        return true;
    }

    static bool INumberBase<BFloat16>.TryConvertToSaturating<TOther>(BFloat16 value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateSaturating((float)value);
        return true;
    }

    static bool INumberBase<BFloat16>.TryConvertToTruncating<TOther>(BFloat16 value, [MaybeNullWhen(false)] out TOther result)
    {
        result = TOther.CreateTruncating((float)value);
        return true;
    }

    // Rounding to infinity is no overflow, so that checked, saturating and truncating are one. The compiler folds the switch to its one case.
    private static bool TryConvertFrom<TOther>(TOther value, out BFloat16 result)
    {
        BFloat16? converted = value switch
        {
            BFloat16 x => x,
            float x => (BFloat16)x,
            double x => (BFloat16)x,
            Half x => (BFloat16)x,
            decimal x => (BFloat16)x,
            byte x => x,
            sbyte x => x,
            char x => (BFloat16)x,
            short x => (BFloat16)x,
            ushort x => (BFloat16)x,
            int x => (BFloat16)x,
            uint x => (BFloat16)x,
            long x => (BFloat16)x,
            ulong x => (BFloat16)x,
            nint x => (BFloat16)x,
            nuint x => (BFloat16)x,
            Int128 x => (BFloat16)x,
            UInt128 x => (BFloat16)x,
            _ => null,
        };
        result = converted.GetValueOrDefault();
        return converted.HasValue;
    }

    private static NotSupportedException NotSupported<TOther>() => new($"{typeof(TOther)} does not convert to BFloat16.");
}
