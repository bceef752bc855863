namespace LogDomain.Peers;

internal enum ElementType
{
    Float,
    Double,
    Half,
    BFloat16,
}
