using System.Runtime.CompilerServices;

namespace LogDomain.Peers;

/// <summary>What an element type looks like in memory. The buffers are untyped, because the peers have types of their own for 16 bits.</summary>
internal static unsafe class ElementTypeExtensions
{
    extension(ElementType type)
    {
        public int Size => type switch
        {
            ElementType.Float => sizeof(float),
            ElementType.Double => sizeof(double),
            _ => sizeof(ushort),
        };

        /// <summary>Bits of the significand, the hidden one included.</summary>
        public int Precision => type switch
        {
            ElementType.Float => 24,
            ElementType.Double => 53,
            ElementType.Half => 11,
            _ => 8,
        };

        /// <summary>The exponent of the smallest normal number.</summary>
        public int MinExponent => type switch
        {
            ElementType.Double => -1022,
            ElementType.Half => -14,
            _ => -126,
        };

        /// <summary>Rounds <paramref name="value"/> to the type and stores it.</summary>
        public void Write(void* buffer, long index, double value)
        {
            switch (type)
            {
                case ElementType.Float:
                    ((float*)buffer)[index] = (float)value;
                    break;
                case ElementType.Double:
                    ((double*)buffer)[index] = value;
                    break;
                case ElementType.Half:
                    ((Half*)buffer)[index] = (Half)value;
                    break;
                default:
                    uint bits = BitConverter.SingleToUInt32Bits((float)value);
                    ((ushort*)buffer)[index] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16); // to nearest, ties to even
                    break;
            }
        }

        public double Read(void* buffer, long index) => type switch
        {
            ElementType.Float => ((float*)buffer)[index],
            ElementType.Double => ((double*)buffer)[index],
            ElementType.Half => (double)((Half*)buffer)[index],
            _ => Unsafe.BitCast<int, float>(((ushort*)buffer)[index] << 16),
        };
    }
}
