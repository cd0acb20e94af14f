load_contrib("modbus")
load_contrib("tacacs")
load_contrib("rtcp")
p=ModbusADURequest(transId=1)/ModbusPDU03ReadHoldingRegistersRequest(startAddr=1,quantity=2); print(raw(p)); ModbusADURequest(raw(p)).show()
for c in [ModbusPDU01ReadCoilsRequest, ModbusPDU02ReadDiscreteInputsRequest,ModbusPDU04ReadInputRegistersRequest,ModbusPDU05WriteSingleCoilRequest,ModbusPDU06WriteSingleRegisterRequest,ModbusPDU07ReadExceptionStatusRequest,ModbusPDU08DiagnosticsRequest,ModbusPDU0FWriteMultipleCoilsRequest,ModbusPDU10WriteMultipleRegistersRequest,ModbusPDU11ReportSlaveIdRequest,ModbusPDU16MaskWriteRegisterRequest,ModbusPDU17ReadWriteMultipleRegistersRequest,ModbusPDU18ReadFIFOQueueRequest,ModbusPDU2B0EReadDeviceIdentificationRequest]:
    print(raw(ModbusADURequest()/c()), repr(ModbusADURequest(raw(ModbusADURequest()/c()))))
for c in [ModbusPDU01ReadCoilsResponse, ModbusPDU03ReadHoldingRegistersResponse, ModbusPDU03ReadHoldingRegistersError, ModbusPDU05WriteSingleCoilResponse, ModbusPDU08DiagnosticsResponse, ModbusPDU0CGetCommEventLogResponse, ModbusPDU16MaskWriteRegisterResponse]:
    print(raw(ModbusADUResponse()/c()), repr(ModbusADUResponse(raw(ModbusADUResponse()/c()))))
p=TacacsHeader(flags=1)/TacacsAuthenticationStart(user="me",port="tty",data="pw"); print(repr(p))
for c in [TacacsAuthenticationStart,TacacsAuthenticationReply,TacacsAuthenticationContinue,TacacsAuthorizationRequest,TacacsAuthorizationReply,TacacsAccountingRequest,TacacsAccountingReply]: print(raw(c()), repr(c()))
print(raw(RTCP()), raw(RTCP(packet_type=201,sourcesync=5)), repr(RTCP(raw(RTCP(packet_type=201,sourcesync=5)))))
