namespace LogDomain;

public readonly partial struct LogNumber<T>
{
    /// <summary>Returns "e^" and the logarithm, such as <c>e^-12345.6</c>, in the current culture. It parses back to this number.</summary>
    public override string ToString() => Signed.ToString(null, null);

    /// <inheritdoc cref="ToString(string?, IFormatProvider?)"/>
    public string ToString(string? format) => Signed.ToString(format, null);

    /// <inheritdoc cref="ToString(string?, IFormatProvider?)"/>
    public string ToString(IFormatProvider? provider) => Signed.ToString(null, provider);

    /// <inheritdoc cref="SignedLogNumber{T}.ToString(string?, IFormatProvider?)"/>
    public string ToString(string? format, IFormatProvider? formatProvider) => Signed.ToString(format, formatProvider);

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Signed.TryFormat(destination, out charsWritten, format, provider);

    /// <inheritdoc/>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Signed.TryFormat(utf8Destination, out bytesWritten, format, provider);
}
